// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that the gateway talks to or is reached at. They are https; plain http is taken for
 * literal loopback addresses only, where there is no wire to listen on.
 */
final class WebAddress {
  private WebAddress() {}

  /**
   * An address with a path.
   *
   * @throws IllegalArgumentException with what was expected; it does not repeat the text, which may
   *     hold a password by mistake
   */
  static URI url(String text) {
    URI uri = parse(text);
    if (uri.getRawQuery() != null) {
      throw new IllegalArgumentException("expected an address without ? and what follows it");
    }
    return uri;
  }

  /**
   * Scheme, host and port only, in lower case and without a slash at the end.
   *
   * @throws IllegalArgumentException with what was expected
   */
  static URI origin(String text) {
    URI uri = parse(text);
    if (uri.getRawQuery() != null
        || !(uri.getRawPath().isEmpty() || uri.getRawPath().equals("/"))) {
      throw new IllegalArgumentException(
          "expected an origin such as https://gateway.acme.example, without a path");
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    boolean usual = uri.getPort() == -1 || uri.getPort() == (scheme.equals("https") ? 443 : 80);
    String port = usual ? "" : ":" + uri.getPort();
    return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
  }

  private static URI parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("expected an address such as https://host/path");
    }
    @Nullable String host = uri.getHost();
    if (uri.getScheme() == null || uri.getRawPath() == null || host == null) {
      throw new IllegalArgumentException(
          "expected an address with scheme and host, such as https://host/path; a host is letters,"
              + " digits, dots and hyphens");
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException("expected an address without user name and password");
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("expected an address without # and what follows it");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new IllegalArgumentException("expected a port from 1 to 65535");
    }
    if (host.endsWith(".")) {
      throw new IllegalArgumentException("expected a host without a dot at the end");
    }
    Optional<InetAddress> literal =
        host.startsWith("[")
            ? LiteralAddress.v6(host.substring(1, host.length() - 1))
            : LiteralAddress.v4(host);
    if (host.startsWith("[") && literal.filter(Inet6Address.class::isInstance).isEmpty()) {
      throw new IllegalArgumentException("expected an IPv6 address between [ and ]");
    }
    literal
        .flatMap(ip -> LiteralAddress.special(ip.getAddress()))
        .ifPresent(
            range -> {
              throw new IllegalArgumentException("expected a host; this address is " + range);
            });
    boolean loopback = literal.filter(InetAddress::isLoopbackAddress).isPresent();
    boolean https = uri.getScheme().equalsIgnoreCase("https");
    boolean http = uri.getScheme().equalsIgnoreCase("http");
    if (!https && !(http && loopback)) {
      throw new IllegalArgumentException(
          "expected https; http is taken for the loopback addresses 127.0.0.0/8 and [::1] only");
    }
    return uri;
  }
}
