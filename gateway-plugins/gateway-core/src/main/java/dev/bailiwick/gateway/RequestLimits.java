// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.policy.Bundle;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Step 1: sizes and form, before anything is parsed. Whatever two readers could understand in two
 * ways ends here.
 */
final class RequestLimits {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

  /** Headers whose repetition would let two readers see two requests. */
  private static final Set<String> SINGLE =
      Set.of(
          "authorization",
          "dpop",
          "txn-token",
          "host",
          "content-type",
          "content-length",
          "content-encoding",
          "transfer-encoding");

  /** Room for the scheme in front of a token. */
  private static final int SCHEME_BYTES = 16;

  private RequestLimits() {}

  static Optional<Denial> check(InboundRequest request, Bundle.Limits limits) {
    if (!METHODS.contains(request.method())) {
      return deny(
          DenyReason.METHOD_NOT_ALLOWED,
          "this method is not one of GET, HEAD, POST, PUT, PATCH, DELETE");
    }
    int target =
        request.rawPath().length()
            + (request.rawQuery() == null ? 0 : request.rawQuery().length() + 1);
    if (target > limits.maxTargetBytes()) {
      return deny(
          DenyReason.TARGET_TOO_LONG,
          "path and query are longer than " + limits.maxTargetBytes() + " bytes");
    }
    Headers headers = request.headers();
    Set<String> seen = new HashSet<>();
    for (Headers.Field field : headers.fields()) {
      if (SINGLE.contains(field.name()) && !seen.add(field.name())) {
        return deny(
            DenyReason.AMBIGUOUS_HEADER,
            "the header " + field.name() + " is repeated; send it exactly once");
      }
    }
    if (headers.has("content-length") && headers.has("transfer-encoding")) {
      return deny(
          DenyReason.MALFORMED_REQUEST, "Content-Length and Transfer-Encoding exclude each other");
    }
    if (longer(headers, "authorization", limits.maxTokenBytes() + SCHEME_BYTES)) {
      return deny(
          DenyReason.HEADER_TOO_LARGE,
          "the access token is longer than " + limits.maxTokenBytes() + " bytes");
    }
    if (longer(headers, "dpop", limits.maxProofBytes())) {
      return deny(
          DenyReason.HEADER_TOO_LARGE,
          "the DPoP proof is longer than " + limits.maxProofBytes() + " bytes");
    }
    if (headers.first("upgrade").filter(value -> value.equalsIgnoreCase("websocket")).isPresent()) {
      return deny(
          DenyReason.OPERATION_FORBIDDEN,
          "a WebSocket cannot be checked request by request; use plain HTTP");
    }
    return Optional.empty();
  }

  /** Denies a body where the connector has no use for one. */
  static Optional<Denial> unexpectedBody(InboundRequest request, BodyUse use) {
    Headers headers = request.headers();
    boolean hasBody =
        headers.has("transfer-encoding")
            || headers.first("content-length").filter(n -> !n.equals("0")).isPresent();
    return use == BodyUse.NONE && hasBody
        ? deny(DenyReason.BODY_MALFORMED, "a body has no meaning for this request; send none")
        : Optional.empty();
  }

  /** The denial of a body that is too large to be read whole. */
  static Denial bodyTooLarge(int maxBodyBytes) {
    return new Denial(
        DenyReason.BODY_TOO_LARGE,
        "a body that must be checked may hold at most " + maxBodyBytes + " bytes");
  }

  private static boolean longer(Headers headers, String name, int limit) {
    return headers.first(name).filter(value -> value.length() > limit).isPresent();
  }

  private static Optional<Denial> deny(DenyReason reason, String sentence) {
    return Optional.of(new Denial(reason, sentence));
  }
}
