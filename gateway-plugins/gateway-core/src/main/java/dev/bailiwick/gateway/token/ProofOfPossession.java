// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Checks that the caller holds the key that its token is bound to. Thread-safe. */
public interface ProofOfPossession {

  /**
   * What the caller presented.
   *
   * @param scheme authorization scheme, {@code DPoP} or {@code Bearer}, as written
   * @param compactToken the token, for {@code ath}
   * @param proof the {@code DPoP} header
   * @param method as received, compared with case (RFC 9449 §4.3)
   * @param target the external URL of the request, built from configuration, without query. A text:
   *     most calls do not look at it
   */
  record Presented(
      String scheme,
      String compactToken,
      Optional<String> proof,
      String method,
      String target,
      Optional<X509Certificate> clientCertificate) {
    /** Holds a token, so it prints nothing. */
    @Override
    public String toString() {
      return "Presented[hidden]";
    }
  }

  /**
   * Checks the proof and remembers its {@code jti}. Completes at once unless the replay check is
   * shared with other nodes; never completes exceptionally. Answers {@link TokenVerdict.Verified}
   * with the same token.
   */
  CompletionStage<TokenVerdict> prove(AgentToken token, Presented presented);

  /**
   * Value of the {@code DPoP-Nonce} header to send with a denial for {@code PROOF_NONCE} (RFC 9449
   * §9); empty when no nonces are asked for.
   */
  default Optional<String> nonce() {
    return Optional.empty();
  }
}
