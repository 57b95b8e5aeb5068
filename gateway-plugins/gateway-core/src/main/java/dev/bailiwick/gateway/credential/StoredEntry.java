// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.time.Instant;
import java.util.Objects;

/**
 * One entry of a {@link CredentialStore}.
 *
 * @param version opaque; differs after every write of this entry, even when the value is the same
 * @param updated when it was last written
 */
public record StoredEntry(
    String name, StoredCredential credential, String version, Instant updated) {

  public StoredEntry {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(credential, "credential");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(updated, "updated");
  }
}
