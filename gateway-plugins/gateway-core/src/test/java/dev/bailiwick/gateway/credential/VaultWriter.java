// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import java.nio.file.Path;
import java.time.Clock;

/** A process that puts entries into a vault and says on its output how far it came. */
final class VaultWriter {

  private VaultWriter() {}

  /** Arguments: vault, key file, prefix of the names, how many, characters of each secret. */
  public static void main(String[] arguments) {
    VaultKey key = VaultKey.ofFile(Path.of(arguments[1]));
    FileVault vault = FileVault.open(Path.of(arguments[0]), key, Clock.systemUTC());
    int count = Integer.parseInt(arguments[3]);
    Secret secret = Secret.of("s".repeat(Integer.parseInt(arguments[4])));
    for (int i = 0; i < count; i++) {
      String name = arguments[2] + "-" + i;
      try {
        vault.put(name, new StoredCredential.Basic("svc", secret));
        System.out.println("put " + name);
      } catch (CredentialStoreException e) {
        System.out.println(e.problem() + " " + e.getMessage());
      }
    }
  }
}
