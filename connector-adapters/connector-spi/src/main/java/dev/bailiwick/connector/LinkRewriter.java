// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Turns links to the vendor's origin into links to the gateway, so that the agent's next request
 * stays where it is ruled. Only the exact origin matches: scheme, host and port, never a prefix of
 * a host name. Immutable and thread-safe.
 */
public final class LinkRewriter {
  private final String scheme;
  private final String host;
  private final int port;
  private final String external;
  private final String externalPath;

  /** Where a link leads. */
  public enum Destination {
    /** To the vendor's own origin. */
    UPSTREAM,
    /** To the vendor's own origin, written without it: {@code /path}, {@code ?query}, … */
    RELATIVE,
    /** Anywhere else, or nowhere that can be told. */
    ELSEWHERE
  }

  /**
   * @param upstream the vendor's origin
   * @param external where agents reach the connector, without a trailing slash
   */
  public LinkRewriter(URI upstream, URI external) {
    scheme = upstream.getScheme().toLowerCase(Locale.ROOT);
    host = Objects.requireNonNull(upstream.getHost(), "upstream").toLowerCase(Locale.ROOT);
    port = upstream.getPort() < 0 ? defaultPort(scheme) : upstream.getPort();
    this.external = external.toString();
    externalPath = external.getRawPath();
  }

  /** A rewriter for one connector of a bundle. */
  public static LinkRewriter of(ConnectorSettings settings) {
    return new LinkRewriter(settings.upstream(), settings.external());
  }

  /** Where a link leads, seen from an answer of the vendor. */
  public Destination destination(String link) {
    if (hasUnsafeCharacter(link)) {
      return Destination.ELSEWHERE;
    }
    if (link.startsWith("//")) {
      return afterOrigin(scheme + ":" + link) < 0 ? Destination.ELSEWHERE : Destination.UPSTREAM;
    }
    if (hasScheme(link)) {
      return afterOrigin(link) < 0 ? Destination.ELSEWHERE : Destination.UPSTREAM;
    }
    return Destination.RELATIVE;
  }

  /** An absolute link to the vendor's origin, moved to the gateway; any other text unchanged. */
  public String absolute(String link) {
    int rest = hasUnsafeCharacter(link) ? -1 : afterOrigin(link);
    return rest < 0 ? link : external + link.substring(rest);
  }

  /**
   * A link as it stands in {@code Location} or {@code Link}: absolute ones as in {@link #absolute},
   * {@code //host/path} too, and {@code /path} gets the mount point in front. Any other text
   * unchanged.
   */
  public String reference(String link) {
    return switch (destination(link)) {
      case UPSTREAM -> absolute(link.startsWith("//") ? scheme + ":" + link : link);
      case RELATIVE -> link.startsWith("/") ? externalPath + link : link;
      case ELSEWHERE -> link;
    };
  }

  /** These headers with the links in {@code Link}, {@code Location} and the like moved. */
  public Headers headers(Headers headers) {
    if (!headers.has("location") && !headers.has("content-location") && !headers.has("link")) {
      return headers;
    }
    return Headers.of(
        headers.fields().stream()
            .map(
                field ->
                    switch (field.name()) {
                      case "location", "content-location" ->
                          new Headers.Field(field.name(), reference(field.value().strip()));
                      case "link" -> new Headers.Field(field.name(), linkLine(field.value()));
                      default -> field;
                    })
            .toList());
  }

  /** Headers that no longer describe a body whose links were moved. */
  public static Collection<String> bodyHeaders() {
    return List.of(
        "content-length", "etag", "content-md5", "digest", "content-digest", "repr-digest");
  }

  /** Only what stands between angle brackets is a link (RFC 8288 §3); quoted text is not. */
  private String linkLine(String line) {
    StringBuilder out = new StringBuilder(line.length() + 32);
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      int end = c == '<' && !quoted ? line.indexOf('>', i) : -1;
      if (end > 0) {
        out.append('<').append(reference(line.substring(i + 1, end).strip())).append('>');
        i = end;
      } else if (c == '\\' && quoted && i + 1 < line.length()) {
        out.append(c).append(line.charAt(++i));
      } else {
        quoted ^= c == '"';
        out.append(c);
      }
    }
    return out.toString();
  }

  /** The index where path, query or fragment begin, when the link has our origin; else -1. */
  private int afterOrigin(String link) {
    int colon = link.indexOf("://");
    if (colon <= 0 || !link.substring(0, colon).equalsIgnoreCase(scheme)) {
      return -1;
    }
    int end = colon + 3;
    while (end < link.length() && "/?#".indexOf(link.charAt(end)) < 0) {
      end++;
    }
    String authority = link.substring(colon + 3, end);
    int portColon = authority.lastIndexOf(':');
    boolean hasPort = portColon > authority.lastIndexOf(']');
    String name = hasPort ? authority.substring(0, portColon) : authority;
    boolean same =
        name.toLowerCase(Locale.ROOT).equals(host)
            && (hasPort ? port(authority.substring(portColon + 1)) : defaultPort(scheme)) == port;
    return same ? end : -1;
  }

  private static int port(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(text);
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  private static boolean hasScheme(String link) {
    int colon = link.indexOf(':');
    return colon > 0 && link.substring(0, colon).chars().allMatch(LinkRewriter::isSchemeCharacter);
  }

  private static boolean isSchemeCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '-'
        || c == '.';
  }

  /** Browsers read a backslash as a slash and skip white space; nobody should have to guess. */
  private static boolean hasUnsafeCharacter(String link) {
    return link.chars().anyMatch(c -> c <= ' ' || c == '\\' || c >= 0x7f);
  }
}
