// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What every OAuth grant needs: the token endpoint, and who is asking there (RFC 6749 §2.3).
 *
 * @param tokenEndpoint {@code https}, or {@code http} on loopback; no user info, no fragment
 * @param id the client id; null where the grant itself identifies the client
 * @param secret the client secret; null for a public client
 * @param scope the scope to ask for; null asks for the server's default
 * @param parameters further form parameters, such as Workday's {@code tenant_alias}
 */
public record OAuthClient(
    URI tokenEndpoint,
    @Nullable String id,
    @Nullable Secret secret,
    Authentication authentication,
    @Nullable String scope,
    Map<String, Secret> parameters) {

  /** How the client id and secret travel. */
  public enum Authentication {
    /** As form parameters. */
    POST,
    /** {@code Authorization: Basic}, each part form-encoded first (RFC 6749 §2.3.1). */
    BASIC,
    /** Workday's {@code Authorization: ID}. */
    WORKDAY_ID
  }

  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]");
  private static final Set<String> OURS =
      Set.of(
          "grant_type",
          "client_id",
          "client_secret",
          "client_assertion",
          "client_assertion_type",
          "assertion",
          "refresh_token",
          "username",
          "password",
          "scope");

  public OAuthClient {
    parameters = Map.copyOf(parameters);
    if (!isTlsOrLoopback(tokenEndpoint)) {
      throw new IllegalArgumentException(
          "member \"token_endpoint\": expected an https URL (http only on loopback) without user"
              + " name or fragment");
    }
    if (id == null && secret != null) {
      throw new IllegalArgumentException(
          "member \"client_id\" is missing, but there is a \"client_secret\"");
    }
    if (authentication != Authentication.POST && secret == null) {
      throw new IllegalArgumentException(
          "member \"client_authentication\": only post works without a \"client_secret\"");
    }
    if (id != null && authentication == Authentication.WORKDAY_ID && id.indexOf(':') >= 0) {
      throw new IllegalArgumentException("member \"client_id\": must not contain a colon");
    }
    for (String name : parameters.keySet()) {
      if (!PARAMETER.matcher(name).matches() || OURS.contains(name)) {
        throw new IllegalArgumentException(
            "member \"parameters\": expected names of letters, digits, _ . - that the grant does"
                + " not set itself");
      }
    }
  }

  /** The host, for sentences; the rest of the address may be a secret of the tenant. */
  String host() {
    return tokenEndpoint.getHost();
  }

  private static boolean isTlsOrLoopback(URI uri) {
    String scheme = uri.getScheme();
    String host = uri.getHost();
    return scheme != null
        && host != null
        && uri.getRawUserInfo() == null
        && uri.getRawFragment() == null
        && (scheme.equals("https") || (scheme.equals("http") && LOOPBACK.matcher(host).matches()));
  }
}
