// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.JWK;
import dev.bailiwick.gateway.DenyReason;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The public key in a proof's header (RFC 9449 §4.2), held against the thumbprint that a verified
 * token is bound to. Keys that matched are kept ready by thumbprint, so that an agent's next proof
 * costs no key set-up; nobody gets a key in here without a token that names it. Thread-safe.
 */
final class ProofKeys {
  private static final int MAX_KEYS = 10_000;

  private static final Set<String> PRIVATE_MEMBERS =
      Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv");

  /** Required members by key type, in the order of RFC 7638 §3.2. */
  private static final Map<String, List<String>> THUMBPRINT_MEMBERS =
      Map.of(
          "EC", List.of("crv", "kty", "x", "y"),
          "OKP", List.of("crv", "kty", "x"),
          "RSA", List.of("e", "kty", "n"));

  private record KeyOfToken(String thumbprint, SignatureAlgorithm algorithm) {}

  private final Cache<KeyOfToken, VerificationKey> ready =
      Caffeine.newBuilder().maximumSize(MAX_KEYS).build();

  /**
   * The key, when it is a public asymmetric one for this algorithm and has this thumbprint.
   *
   * @throws DeniedException otherwise
   */
  VerificationKey require(Object jwk, SignatureAlgorithm algorithm, String thumbprint) {
    if (!(jwk instanceof Map<?, ?> members)) {
      throw denied("jwk is not an object");
    }
    if (members.keySet().stream().anyMatch(PRIVATE_MEMBERS::contains)) {
      throw denied("jwk holds a private key; replace that key, it is known now");
    }
    // Only what the thumbprint covers is read, so a ready key does not depend on who came first.
    Map<String, Object> covered = thumbprintMembers(members);
    if (!thumbprint(covered).equals(thumbprint)) {
      throw new DeniedException(
          DenyReason.PROOF_MISMATCH,
          "the proof is made with another key than the one that the token is bound to");
    }
    KeyOfToken name = new KeyOfToken(thumbprint, algorithm);
    VerificationKey key = ready.getIfPresent(name);
    if (key == null) {
      key = parse(covered, algorithm);
      ready.put(name, key);
    }
    return key;
  }

  private static VerificationKey parse(Map<String, Object> jwk, SignatureAlgorithm algorithm) {
    try {
      return VerificationKey.of(JWK.parse(jwk), algorithm).orElseThrow(ProofKeys::unusable);
    } catch (ParseException | IllegalArgumentException e) {
      throw unusable();
    }
  }

  private static Map<String, Object> thumbprintMembers(Map<?, ?> jwk) {
    List<String> names =
        jwk.get("kty") instanceof String kty
            ? THUMBPRINT_MEMBERS.getOrDefault(kty, List.of())
            : List.of();
    if (names.isEmpty()) {
      throw denied("jwk is not an asymmetric key (EC, OKP or RSA)");
    }
    Map<String, Object> covered = new LinkedHashMap<>();
    for (String name : names) {
      if (!(jwk.get(name) instanceof String value) || !isPlain(value)) {
        throw denied("jwk lacks a member of its key type");
      }
      covered.put(name, value);
    }
    return covered;
  }

  /** RFC 7638 §3. The values are plain, so nothing needs escaping. */
  private static String thumbprint(Map<String, Object> covered) {
    String json =
        covered.entrySet().stream()
            .map(member -> '"' + member.getKey() + "\":\"" + member.getValue() + '"')
            .collect(Collectors.joining(",", "{", "}"));
    return Base64Url.encode(TokenHash.sha256(json.getBytes(StandardCharsets.US_ASCII)));
  }

  private static boolean isPlain(String value) {
    return value
        .chars()
        .allMatch(c -> c < 0x80 && (Character.isLetterOrDigit(c) || c == '-' || c == '_'));
  }

  private static DeniedException unusable() {
    return denied("jwk is no usable key for the proof's algorithm");
  }

  private static DeniedException denied(String sentence) {
    return new DeniedException(DenyReason.PROOF_KEY, sentence);
  }
}
