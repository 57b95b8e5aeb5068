// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which headers may pass between an agent and a vendor, whatever the vendor. Nothing that
 * authenticates, nothing that speaks for one connection only, nothing that says where a request
 * came from.
 */
public final class AgentHeaders {
  /** Headers that would replace the method which policy saw. */
  private static final Set<String> OVERRIDES =
      Set.of("x-http-method-override", "x-http-method", "x-method-override");

  /** RFC 9110 §7.6.1, and what older software still sends. */
  private static final Set<String> ONE_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-authentication-info",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect");

  /** Whatever could authenticate or attest a caller, to us or to a vendor. */
  private static final Set<String> CREDENTIALS =
      Set.of(
          "authorization",
          "authentication",
          "cookie",
          "cookie2",
          "dpop",
          "txn-token",
          "client-cert",
          "client-cert-chain",
          "x-client-cert",
          "x-ssl-client-cert",
          "ssl-client-cert",
          "x-access-token",
          "x-auth-token",
          "x-api-key");

  /** Where the request came from, and which target some front end saw: the gateway decides both. */
  private static final Set<String> ROUTE =
      Set.of(
          "host",
          "forwarded",
          "via",
          "x-real-ip",
          "x-client-ip",
          "x-cluster-client-ip",
          "true-client-ip",
          "x-original-url",
          "x-original-uri",
          "x-original-host",
          "x-rewrite-url",
          "x-host");

  /** Session cookies, and headers that would send the agent's next request past the gateway. */
  private static final Set<String> ANSWER =
      Set.of("set-cookie", "set-cookie2", "alt-svc", "refresh");

  private AgentHeaders() {}

  /**
   * Denies a request that tries to change its own method.
   *
   * @throws MalformedRequestException of kind {@link Kind#FORBIDDEN}
   */
  public static void denyOverrides(Headers headers) {
    for (Headers.Field field : headers.fields()) {
      String name = dashed(field.name());
      if (OVERRIDES.contains(name)) {
        throw new MalformedRequestException(
            Kind.FORBIDDEN,
            "the header " + name + " would change the method: send the method itself");
      }
    }
  }

  /**
   * The agent's headers that may go upstream.
   *
   * @param vendor further names that authenticate at this vendor
   */
  public static Headers toUpstream(Headers headers, Collection<String> vendor) {
    Set<String> named = namedByConnection(headers);
    return headers.keep(
        field -> {
          String name = dashed(field.name());
          return !ONE_HOP.contains(name)
              && !CREDENTIALS.contains(name)
              && !ROUTE.contains(name)
              && !OVERRIDES.contains(name)
              && !name.startsWith("x-forwarded")
              && !named.contains(field.name())
              && !Headers.containsName(vendor, field.name());
        });
  }

  /** Front ends in the manner of CGI (RFC 3875 §4.1.18) take an underscore for a dash. */
  private static String dashed(String name) {
    return name.indexOf('_') < 0 ? name : name.replace('_', '-');
  }

  /** The vendor's headers that may go to the agent. */
  public static Headers toAgent(Headers headers) {
    Set<String> named = namedByConnection(headers);
    return headers.keep(
        field ->
            !ONE_HOP.contains(field.name())
                && !ANSWER.contains(field.name())
                && !named.contains(field.name()));
  }

  /** Further hop-by-hop headers (RFC 9110 §7.6.1). */
  private static Set<String> namedByConnection(Headers headers) {
    List<String> lines = headers.all("connection");
    if (lines.isEmpty()) {
      return Set.of();
    }
    Set<String> names = new HashSet<>();
    for (String line : lines) {
      for (String name : line.split(",", -1)) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }
}
