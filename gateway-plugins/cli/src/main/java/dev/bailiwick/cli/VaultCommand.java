// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The encrypted file of stored credentials. A secret comes in by prompt or standard input only. */
@Command(name = "vault", description = "Keep the credentials that the gateway uses upstream.")
final class VaultCommand {
  private static final int MAX_INPUT = 64 * 1024;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  VaultCommand() {}

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "init",
      description = "Make an empty vault; makes the key file too if it is not there.",
      mixinStandardHelpOptions = true)
  int init(@Mixin VaultOptions options) {
    if (options.keyFile().filter(file -> !Files.exists(file)).isPresent()) {
      Path file = options.keyFile().get();
      VaultKey made = VaultKey.generate(file);
      out().println("made " + made + ": keep it apart from the vault, and back it up");
    }
    FileVault vault =
        FileVault.init(
            options.path(), options.key("New passphrase of the vault: "), Clock.systemUTC());
    out().println("made an empty " + vault);
    return 0;
  }

  @Command(
      name = "put",
      description = "Store a credential; its JSON form is read from a prompt or standard input.",
      mixinStandardHelpOptions = true)
  int put(
      @Mixin VaultOptions options,
      @Parameters(paramLabel = "NAME", description = "Such as servicenow/acme.") String name)
      throws IOException {
    FileVault vault = options.open();
    vault.put(name, CredentialJson.read(name, input(name)));
    out().println("stored " + name + "; connectors refer to it as vault:" + name);
    return 0;
  }

  @Command(
      name = "list",
      description = "Names, kinds and times of the entries; no secret.",
      mixinStandardHelpOptions = true)
  int list(@Mixin VaultOptions options) {
    List<FileVault.Listing> entries = options.open().list();
    entries.forEach(
        entry ->
            out().printf("%-32s %-26s %s%n", entry.name(), entry.type().label(), entry.updated()));
    if (entries.isEmpty()) {
      out().println("the vault is empty; add an entry with: bailiwick vault put NAME");
    }
    return 0;
  }

  @Command(
      name = "rotate",
      description = "Encrypt the whole vault under a new key.",
      mixinStandardHelpOptions = true)
  int rotate(
      @Mixin VaultOptions options,
      @Option(
              names = "--new-key-file",
              paramLabel = "FILE",
              required = true,
              description = "Where the new key goes; must not exist yet.")
          Path newKeyFile) {
    FileVault vault = options.open();
    FileVault rotated = vault.rotate(VaultKey.generate(newKeyFile));
    out().println("sealed under the new key: " + rotated);
    return 0;
  }

  @Command(name = "rm", description = "Remove an entry.", mixinStandardHelpOptions = true)
  int remove(@Mixin VaultOptions options, @Parameters(paramLabel = "NAME") String name) {
    if (!options.open().remove(name)) {
      spec.commandLine().getErr().println("bailiwick: there is no entry " + name);
      return 1;
    }
    out().println("removed " + name);
    return 0;
  }

  private static byte[] input(String name) throws IOException {
    Optional<char[]> typed = Terminal.askSecret("JSON of " + name + " (one line, not shown): ");
    if (typed.isPresent()) {
      return new String(typed.get()).getBytes(StandardCharsets.UTF_8);
    }
    byte[] bytes = System.in.readNBytes(MAX_INPUT + 1);
    if (bytes.length > MAX_INPUT) {
      throw new IOException("an entry may hold at most " + MAX_INPUT + " bytes");
    }
    return bytes;
  }
}
