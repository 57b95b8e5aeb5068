// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.policy.Bundle;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the agent's token in a request to a token endpoint (RFC 6749 §3.2): in the client's secret,
 * in the form (§2.3.1) or in the header, in the refresh token (§6), the password (§4.3.2) or the
 * assertion (RFC 7523 §2.1). Which of them the client was configured with does not matter; two
 * different tokens are denied.
 */
final class LogInForm {
  private static final Set<String> GRANTS =
      Set.of(
          "client_credentials",
          "refresh_token",
          "password",
          "urn:ietf:params:oauth:grant-type:jwt-bearer");
  private static final Set<String> PLACES =
      Set.of("client_secret", "refresh_token", "password", "assertion");

  /** A compact JWS (RFC 7515 §7.1), so that no other secret is ever taken for a token. */
  private static final Pattern TOKEN = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]+");

  private static final String HOW =
      "send the agent's own token as client_secret, refresh_token, password or assertion";

  private LogInForm() {}

  /** How long the form may be: room for a token in every place. */
  static int maxBytes(Bundle.Limits limits) {
    return Math.min(limits.maxBodyBytes(), PLACES.size() * limits.maxTokenBytes());
  }

  /**
   * The token, with the scheme that it is to be proved by.
   *
   * @throws MalformedRequestException when the form cannot be read, or holds another number of
   *     tokens than one
   */
  static AuthorizationHeader token(InboundRequest request, byte[] body) {
    if (!request.method().equals("POST")) {
      throw new MalformedRequestException(
          Kind.FORBIDDEN, "a token endpoint takes a POST with a form (RFC 6749 §3.2)");
    }
    if (!MediaType.of(request.headers()).is("application/x-www-form-urlencoded")) {
      throw new MalformedRequestException(
          Kind.MEDIA_TYPE, "a log-in is sent as application/x-www-form-urlencoded");
    }
    Map<String, String> form = form(body);
    if (!GRANTS.contains(form.getOrDefault("grant_type", ""))) {
      throw malformed(
          "grant_type is not one of " + String.join(", ", GRANTS.stream().sorted().toList()));
    }
    Set<String> tokens = new LinkedHashSet<>();
    form.forEach(
        (name, value) -> {
          if (PLACES.contains(name) && isToken(value)) {
            tokens.add(value);
          }
        });
    String secret = headerSecret(request);
    if (isToken(secret)) {
      tokens.add(secret);
    }
    if (tokens.size() != 1) {
      throw malformed(
          (tokens.isEmpty() ? "the log-in holds no token: " : "the log-in holds several tokens: ")
              + HOW);
    }
    return new AuthorizationHeader(
        request.headers().has("dpop") ? "DPoP" : "Bearer", tokens.iterator().next());
  }

  private static boolean isToken(String text) {
    return TOKEN.matcher(text).matches();
  }

  private static Map<String, String> form(byte[] body) {
    RequestTarget read;
    try {
      read = RequestTarget.parse("/", new String(body, StandardCharsets.UTF_8));
    } catch (MalformedRequestException e) {
      throw malformed("the form cannot be read (RFC 6749 appendix B)");
    }
    Map<String, String> form = new HashMap<>();
    for (RequestTarget.Parameter parameter : read.parameters()) {
      if (form.put(parameter.name(), parameter.value()) != null) {
        throw malformed("the form holds a parameter twice (RFC 6749 §3.2)");
      }
    }
    return form;
  }

  /** The secret of HTTP Basic (RFC 6749 §2.3.1), for which Workday writes {@code ID}. */
  private static String headerSecret(InboundRequest request) {
    return AuthorizationHeader.of(request.headers())
        .filter(header -> header.scheme().equalsIgnoreCase("Basic") || header.scheme().equals("ID"))
        .map(header -> decoded(header.token()))
        .map(pair -> pair.substring(pair.indexOf(':') + 1))
        .orElse("");
  }

  private static String decoded(String base64) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed("the Authorization header is not base64 (RFC 7617 §2)");
    }
  }

  private static MalformedRequestException malformed(String sentence) {
    return new MalformedRequestException(Kind.BODY, sentence);
  }
}
