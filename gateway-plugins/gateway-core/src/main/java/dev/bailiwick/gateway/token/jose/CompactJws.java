// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.jose.StrictJson.MalformedJsonException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * A signed compact JWS (RFC 7515 §3.1) that passed the strict gate and whose signature nobody
 * checked yet. The gate comes before the JOSE library because that forgives padding, line breaks,
 * the standard alphabet and unused bits, and so would see one token where evidence, caches and
 * revocation see several.
 */
record CompactJws(
    Map<String, Object> header, byte[] payload, byte[] signingInput, String signature) {

  /** Which denials the gate answers with: tokens and proofs have their own. */
  record Kind(
      String noun, DenyReason malformed, DenyReason header, Set<String> requiredHeaderMembers) {}

  /**
   * Splits, decodes and reads the header.
   *
   * @throws DeniedException when the text is too long, has not three segments in canonical
   *     base64url (RFC 7515 §2), or its header is not exactly the members of {@code kind}
   */
  static CompactJws parse(String compact, int maxBytes, Kind kind) {
    if (compact.length() > maxBytes) {
      throw new DeniedException(
          kind.malformed,
          String.format(
              "the %s is longer than the %s bytes that gateway.limits allows; request a smaller one",
              kind.noun, maxBytes));
    }
    int first = compact.indexOf('.');
    int last = compact.lastIndexOf('.');
    if (first <= 0 || last == first || compact.indexOf('.', first + 1) != last) {
      throw new DeniedException(
          kind.malformed,
          String.format(
              "the %s has not exactly three segments; only a signed compact JWS is accepted,"
                  + " never an encrypted or JSON form",
              kind.noun));
    }
    byte[] header = decode(compact.substring(0, first), kind);
    byte[] payload = decode(compact.substring(first + 1, last), kind);
    String signature = compact.substring(last + 1);
    decode(signature, kind);
    return new CompactJws(
        readHeader(header, kind),
        payload,
        compact.substring(0, last).getBytes(StandardCharsets.ISO_8859_1),
        signature);
  }

  private static byte[] decode(String segment, Kind kind) {
    byte[] decoded = Base64Url.decodeCanonical(segment);
    if (decoded.length == 0) {
      throw new DeniedException(
          kind.malformed,
          String.format(
              "a segment of the %s is empty or not canonical base64url (no padding, no white"
                  + " space, unused bits zero); send it as it was issued",
              kind.noun));
    }
    return decoded;
  }

  private static Map<String, Object> readHeader(byte[] json, Kind kind) {
    Map<String, Object> header;
    try {
      header = StrictJson.readObject(json);
    } catch (MalformedJsonException e) {
      throw new DeniedException(
          kind.header, "the JOSE header of the " + kind.noun + " was not read: " + e.getMessage());
    }
    // A closed list: jku, x5u, crit, b64, zip and whatever comes next need no rule of their own.
    if (!header.keySet().equals(kind.requiredHeaderMembers)) {
      throw new DeniedException(
          kind.header,
          String.format(
              "the JOSE header of the %s must hold exactly the members %s",
              kind.noun, kind.requiredHeaderMembers.stream().sorted().toList()));
    }
    return header;
  }

  /** The payload as claims; {@code malformed} is denied with the reason of the kind. */
  Map<String, Object> claims(Kind kind) {
    try {
      return StrictJson.readObject(payload);
    } catch (MalformedJsonException e) {
      throw new DeniedException(
          kind.malformed, "the claims of the " + kind.noun + " were not read: " + e.getMessage());
    }
  }

  /** Holds a token, so it prints nothing. */
  @Override
  public String toString() {
    return "CompactJws[hidden]";
  }
}
