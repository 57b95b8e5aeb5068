// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/**
 * An HTTP address in the one form in which {@code htu} and the request are compared: syntax-based
 * and scheme-based normalization (RFC 3986 §6.2.2 and §6.2.3), without query and fragment (RFC 9449
 * §4.3). The JOSE library compares the texts as they stand, and honest clients differ in the case
 * of a host, a default port or the slash of an empty path.
 */
final class HttpTarget {
  private static final String UNRESERVED_MARKS = "-._~";
  private static final String SUB_DELIMS = "!$&'()*+,;=";

  private HttpTarget() {}

  /** The normal form; empty when the text is not an absolute http or https address. */
  static Optional<String> normalize(String text) {
    int schemeEnd = text.indexOf("://");
    if (schemeEnd < 0) {
      return Optional.empty();
    }
    String scheme = text.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      return Optional.empty();
    }
    String rest = withoutQuery(text.substring(schemeEnd + 3));
    int pathStart = rest.indexOf('/');
    String authority = pathStart < 0 ? rest : rest.substring(0, pathStart);
    String path = pathStart < 0 ? "/" : rest.substring(pathStart);
    return authority(authority, scheme.equals("https") ? "443" : "80")
        .flatMap(
            host ->
                percentNormal(path, SUB_DELIMS + ":@/")
                    .map(normal -> scheme + "://" + host + withoutDotSegments(normal)));
  }

  private static String withoutQuery(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '?' || text.charAt(i) == '#') {
        return text.substring(0, i);
      }
    }
    return text;
  }

  /**
   * Host in lower case, port only when it is not the default one; user information is no address.
   */
  private static Optional<String> authority(String authority, String defaultPort) {
    int hostEnd = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
    String host = hostEnd < 0 ? authority : authority.substring(0, hostEnd);
    String afterHost = hostEnd < 0 ? "" : authority.substring(hostEnd);
    if (host.isEmpty() || !(afterHost.isEmpty() || afterHost.startsWith(":"))) {
      return Optional.empty();
    }
    String port = afterHost.isEmpty() ? "" : afterHost.substring(1);
    if (port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    String allowed = host.startsWith("[") ? "[]:" : SUB_DELIMS;
    return percentNormal(host, allowed)
        .map(normal -> normal.toLowerCase(Locale.ROOT))
        .map(normal -> port.isEmpty() || port.equals(defaultPort) ? normal : normal + ":" + port);
  }

  /**
   * Percent-encoded octets in upper case, those of unreserved characters decoded (RFC 3986
   * §6.2.2.2); empty when a character may not stand there at all.
   */
  private static Optional<String> percentNormal(String text, String alsoAllowed) {
    StringBuilder normal = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int octet = octet(text, i + 1);
        if (octet < 0) {
          return Optional.empty();
        }
        if (isUnreserved((char) octet)) {
          normal.append((char) octet);
        } else {
          normal.append('%').append(text.substring(i + 1, i + 3).toUpperCase(Locale.ROOT));
        }
        i += 2;
      } else if (isUnreserved(c) || alsoAllowed.indexOf(c) >= 0) {
        normal.append(c);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(normal.toString());
  }

  private static int octet(String text, int at) {
    if (at + 2 > text.length()) {
      return -1;
    }
    int high = hexDigit(text.charAt(at));
    int low = hexDigit(text.charAt(at + 1));
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  /** {@link Character#digit} would also take digits of other scripts. */
  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || UNRESERVED_MARKS.indexOf(c) >= 0;
  }

  /** RFC 3986 §5.2.4 for a path that begins with a slash. */
  private static String withoutDotSegments(String path) {
    if (!path.contains("/.")) {
      return path;
    }
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i]) {
        case "." -> {
          if (last) {
            kept.addLast("");
          }
        }
        case ".." -> {
          kept.pollLast();
          if (last) {
            kept.addLast("");
          }
        }
        default -> kept.addLast(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }
}
