// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes DPoP proofs (RFC 9449 §4.2), as an agent does for every request. Thread-safe. */
public final class DpopProofSigner {
  private final SigningKey key;
  private final Clock clock;

  private DpopProofSigner(SigningKey key, Clock clock) {
    this.key = key;
    this.clock = clock;
  }

  public static DpopProofSigner create(SigningKey key, Clock clock) {
    return new DpopProofSigner(
        Objects.requireNonNull(key, "key"), Objects.requireNonNull(clock, "clock"));
  }

  /**
   * A fresh proof for one request.
   *
   * @param target address of the request; query and fragment are left out
   * @param accessToken the token that goes with it
   */
  public String proof(String method, URI target, String accessToken) {
    return sign(method, target, accessToken, null);
  }

  /** A fresh proof that carries the nonce of a {@code DPoP-Nonce} header (§9). */
  public String proof(String method, URI target, String accessToken, String nonce) {
    return sign(method, target, accessToken, nonce);
  }

  private String sign(String method, URI target, String accessToken, @Nullable String nonce) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("htm", method);
    claims.put("htu", target.toString().replaceFirst("[?#].*", ""));
    claims.put("iat", clock.instant().getEpochSecond());
    claims.put(
        "ath", Base64Url.encode(TokenHash.sha256(accessToken.getBytes(StandardCharsets.US_ASCII))));
    if (nonce != null) {
      claims.put("nonce", nonce);
    }
    return key.signCompact(header(), claims);
  }

  private Map<String, Object> header() {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("typ", "dpop+jwt");
    header.put("alg", key.algorithm().headerValue());
    header.put("jwk", key.publicMembers());
    return header;
  }
}
