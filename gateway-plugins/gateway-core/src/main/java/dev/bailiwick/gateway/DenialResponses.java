// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.VendorError;
import dev.bailiwick.gateway.ConnectorRoutes.Route;
import dev.bailiwick.policy.Bundle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns a denial into an HTTP answer, once: the vendor's error shape when the connector is known,
 * problem details (RFC 9457) otherwise, with the OAuth challenge of RFC 6750 §3 and RFC 9449 §7.1.
 */
final class DenialResponses {
  private static final String PROOF_ALGORITHMS = "ES256 EdDSA PS256 RS256";

  private DenialResponses() {}

  static GatewayResponse of(Walk walk, Denial denial, Optional<String> nonce, Duration retryAfter) {
    DenyReason reason = denial.reason();
    List<Headers.Field> headers = headers(walk, denial, nonce, retryAfter);
    if (reason.status() == 401 || !reason.oauthError().isEmpty()) {
      headers.add(new Headers.Field("www-authenticate", challenge(walk, denial)));
    }
    VendorError body =
        walk.route()
            .map(route -> vendorError(route, denial))
            .orElseGet(() -> problem(walk, denial));
    headers.add(new Headers.Field("content-type", body.contentType()));
    return new GatewayResponse(reason.status(), Headers.of(headers), body.body());
  }

  /** What every denial carries, whatever the form of its body. */
  static List<Headers.Field> headers(
      Walk walk, Denial denial, Optional<String> nonce, Duration retryAfter) {
    List<Headers.Field> headers = new ArrayList<>();
    headers.add(new Headers.Field("cache-control", "no-store"));
    headers.add(new Headers.Field("x-correlation-id", walk.correlationId()));
    headers.add(new Headers.Field("x-bailiwick-code", denial.reason().name()));
    nonce.ifPresent(value -> headers.add(new Headers.Field("dpop-nonce", value)));
    if (!retryAfter.isZero()) {
      headers.add(
          new Headers.Field("retry-after", Long.toString(Math.max(1, retryAfter.toSeconds()))));
    }
    return headers;
  }

  private static VendorError vendorError(Route route, Denial denial) {
    return route
        .connector()
        .error(denial.reason().status(), denial.reason().name(), denial.sentence());
  }

  private static VendorError problem(Walk walk, Denial denial) {
    String json =
        "{\"type\":\"about:blank\",\"title\":"
            + quote(denial.reason().name())
            + ",\"status\":"
            + denial.reason().status()
            + ",\"detail\":"
            + quote(denial.sentence())
            + ",\"instance\":"
            + quote("urn:correlation:" + walk.correlationId())
            + "}";
    return new VendorError("application/problem+json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static String challenge(Walk walk, Denial denial) {
    List<String> parameters = new ArrayList<>();
    if (!denial.reason().oauthError().isEmpty()) {
      parameters.add("error=" + quote(denial.reason().oauthError()));
      parameters.add("error_description=" + quote(ascii(denial.sentence())));
    }
    if (!denial.scope().isEmpty()) {
      parameters.add("scope=" + quote(denial.scope()));
    }
    boolean bearer =
        walk.snapshot().bundle().issuers().values().stream()
            .anyMatch(issuer -> issuer.proof() == Bundle.Proof.BEARER);
    boolean dpop =
        walk.snapshot().bundle().issuers().values().stream()
            .anyMatch(issuer -> issuer.proof() != Bundle.Proof.BEARER);
    List<String> challenges = new ArrayList<>();
    if (dpop) {
      List<String> all = new ArrayList<>(parameters);
      all.add("algs=" + quote(PROOF_ALGORITHMS));
      challenges.add("DPoP " + String.join(", ", all));
    }
    if (bearer) {
      challenges.add(parameters.isEmpty() ? "Bearer" : "Bearer " + String.join(", ", parameters));
    }
    return String.join(", ", challenges);
  }

  /** RFC 6750 §3 allows only printable ASCII without quote and backslash in a description. */
  private static String ascii(String text) {
    return text.chars()
        .map(c -> c < ' ' || c > '~' || c == '\\' ? '?' : c == '"' ? '\'' : c)
        .mapToObj(c -> String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  /** A JSON string; also a quoted-string of RFC 9110 for the printable ASCII that goes into one. */
  private static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
