// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.util.Optional;

/**
 * Where stored credentials are kept, by name. Thread-safe; every method may block and throws {@link
 * CredentialStoreException} when the store cannot answer.
 */
public interface CredentialStore {

  /** The entry as it is now, changes by other processes included; empty when there is none. */
  Optional<StoredEntry> get(String name);

  /**
   * Replaces an entry unless it changed since {@code expected} was read. When this returns, the
   * replacement survives a crash.
   *
   * @return the entry as stored; empty when another writer was faster, and then nothing is written
   */
  Optional<StoredEntry> replace(StoredEntry expected, StoredCredential replacement);
}
