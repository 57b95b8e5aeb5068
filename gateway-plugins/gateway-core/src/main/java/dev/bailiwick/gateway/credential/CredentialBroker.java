// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.util.concurrent.CompletionStage;

/**
 * Turns a credential reference into a live credential: cached, renewed before it expires, one
 * renewal at a time per reference. Thread-safe; stages never complete exceptionally.
 */
public interface CredentialBroker extends AutoCloseable {

  /** A live credential; completes at once when a cached one is still good. */
  CompletionStage<CredentialResult> credential(String reference);

  /**
   * A credential newer than the given generation, because the upstream refused that one. Callers
   * that were refused together share one renewal.
   */
  CompletionStage<CredentialResult> renew(String reference, long staleGeneration);

  @Override
  void close();
}
