// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.util.concurrent.CompletionStage;

/** Verifies access tokens (RFC 9068). Thread-safe. */
public interface TokenVerifier extends AutoCloseable {

  /**
   * Verifies a compact token, signature and claims, without its proof of possession. Completes at
   * once unless a key must be fetched first; never completes exceptionally.
   */
  CompletionStage<TokenVerdict> verify(String compactToken);

  @Override
  void close();
}
