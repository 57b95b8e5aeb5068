// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The signature algorithms that are accepted (RFC 8725 §3.1); {@code none} is not one of them. */
public enum SignatureAlgorithm {
  ES256("ES256"),
  RS256("RS256"),
  PS256("PS256"),
  /** Over Ed25519 only. */
  EDDSA("EdDSA");

  private final String headerValue;

  SignatureAlgorithm(String headerValue) {
    this.headerValue = headerValue;
  }

  JWSAlgorithm jws() {
    return JWSAlgorithm.parse(headerValue);
  }

  /** The {@code alg} value. */
  public String headerValue() {
    return headerValue;
  }

  /** The algorithm of an {@code alg} value, compared with case. */
  static Optional<SignatureAlgorithm> of(@Nullable Object headerValue) {
    for (SignatureAlgorithm algorithm : values()) {
      if (algorithm.headerValue.equals(headerValue)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }
}
