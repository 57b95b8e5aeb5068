// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.policy.Bundle;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code cnf} (RFC 7800 §3.1) and holds it against what the bundle demands. */
final class ConfirmationClaim {
  private static final int SHA256_BYTES = 32;

  private ConfirmationClaim() {}

  static Confirmation read(@Nullable Object cnf, Bundle.Proof demanded) {
    Confirmation confirmation = parse(cnf);
    boolean accepted =
        switch (confirmation) {
          case Confirmation.DpopKey key -> demanded != Bundle.Proof.MTLS;
          case Confirmation.ClientCertificate certificate -> demanded != Bundle.Proof.DPOP;
          case Confirmation.None none -> demanded == Bundle.Proof.BEARER;
        };
    if (!accepted) {
      throw new DeniedException(
          DenyReason.TOKEN_UNBOUND,
          "the token is not bound in the way that issuers.proof demands ("
              + demanded.name().toLowerCase(Locale.ROOT).replace('_', '-')
              + "); request one that is");
    }
    return confirmation;
  }

  private static Confirmation parse(@Nullable Object cnf) {
    if (cnf == null) {
      return new Confirmation.None();
    }
    if (!(cnf instanceof Map<?, ?> members)) {
      throw denied("cnf is not an object");
    }
    Object key = members.get("jkt");
    Object certificate = members.get("x5t#S256");
    if (key != null && certificate != null) {
      throw denied("cnf names two keys and does not say which one the caller must prove");
    }
    if (key != null) {
      return new Confirmation.DpopKey(thumbprint(key));
    }
    if (certificate != null) {
      return new Confirmation.ClientCertificate(thumbprint(certificate));
    }
    // Never treated as a bearer token: somebody meant it to be bound.
    throw denied("cnf names no method that this gateway knows (jkt, x5t#S256)");
  }

  private static String thumbprint(Object value) {
    if (value instanceof String text && Base64Url.decodeCanonical(text).length == SHA256_BYTES) {
      return text;
    }
    throw denied("the thumbprint in cnf is not a base64url SHA-256");
  }

  private static DeniedException denied(String sentence) {
    return new DeniedException(DenyReason.TOKEN_CONFIRMATION, sentence);
  }
}
