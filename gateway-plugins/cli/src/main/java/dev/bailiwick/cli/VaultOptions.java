// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the vault is and how it is unlocked. The key itself is never an argument. */
final class VaultOptions {
  @Option(
      names = "--vault",
      paramLabel = "FILE",
      defaultValue = "bailiwick.vault",
      description = "The vault file (default: ${DEFAULT-VALUE}).")
  private Path vault;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = {
        "File with the key, mode 0600.",
        "Without it: the variable BAILIWICK_VAULT_KEY, or else a passphrase that is asked for."
      })
  private @Nullable Path keyFile;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  VaultOptions() {}

  Path path() {
    return vault;
  }

  Optional<Path> keyFile() {
    return Optional.ofNullable(keyFile);
  }

  FileVault open() {
    return FileVault.open(vault, key("Passphrase of the vault: "), Clock.systemUTC());
  }

  /** The key from the file, the environment or a passphrase, in this order. */
  VaultKey key(String prompt) {
    if (keyFile != null) {
      return VaultKey.ofFile(keyFile);
    }
    return VaultKey.ofEnvironment(System.getenv()).orElseGet(() -> askPassphrase(prompt));
  }

  private static VaultKey askPassphrase(String prompt) {
    char[] passphrase =
        Terminal.askSecret(prompt)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "no key: give --key-file FILE, set "
                            + VaultKey.VARIABLE
                            + ", or run at a terminal to be asked for a passphrase"));
    try {
      return VaultKey.ofPassphrase(passphrase);
    } finally {
      Arrays.fill(passphrase, '\0');
    }
  }
}
