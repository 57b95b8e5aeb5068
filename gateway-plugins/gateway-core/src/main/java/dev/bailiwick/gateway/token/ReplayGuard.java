// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * Remembers proofs, so that each is accepted once (RFC 9449 §11.1). Thread-safe.
 *
 * <p>An implementation that is full or out of reach says so; it never forgets a live proof to make
 * room for a new one, because then a flood of proofs would let an older one be replayed.
 */
public interface ReplayGuard {

  /** What became of a proof. */
  enum Outcome {
    /** First use; from now on it counts as seen. */
    FRESH,
    /** Used before, or so old that nobody can tell. */
    SEEN,
    /** Not remembered, because the key or the whole guard is at its limit. */
    FULL,
    /** Not remembered, because the store did not answer. */
    UNAVAILABLE
  }

  /**
   * One use of one proof.
   *
   * @param thumbprint thumbprint of the proof key (RFC 7638), for limits per key
   * @param id digest of what makes the proof unique; 43 characters of base64url
   * @param issuedAt when the proof says it was made; the same in every copy of it
   * @param expiresAt from when on the proof is refused for its age alone
   */
  record Use(String thumbprint, String id, Instant issuedAt, Instant expiresAt) {
    public Use {
      Objects.requireNonNull(thumbprint, "thumbprint");
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(issuedAt, "issuedAt");
      Objects.requireNonNull(expiresAt, "expiresAt");
      if (expiresAt.isBefore(issuedAt)) {
        throw new IllegalArgumentException("expected issuedAt <= expiresAt");
      }
    }

    /** A use of the proof {@code jti} of this key for this target. */
    public static Use of(
        String thumbprint, String jti, String target, Instant issuedAt, Instant expiresAt) {
      MessageDigest digest = sha256();
      for (String part : new String[] {thumbprint, jti, target}) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        // The length in front of each part keeps ("a", "bc") and ("ab", "c") apart.
        digest.update((byte) (bytes.length >>> 8));
        digest.update((byte) bytes.length);
        digest.update(bytes);
      }
      String id = Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
      return new Use(thumbprint, id, issuedAt, expiresAt);
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }

  /**
   * True when this node already knows the proof. A cheap look before the signature is checked;
   * false means nothing.
   */
  boolean seenHere(Use use);

  /** Remembers the proof and says whether this was its first use, as one atomic step. */
  CompletionStage<Outcome> remember(Use use);
}
