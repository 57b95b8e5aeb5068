// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where a route sends to, in the one form in which two of them can be compared. */
record Origin(String scheme, String host, int port) {

  static Origin of(URI uri) {
    return new Origin(lower(uri.getScheme()), lower(uri.getHost()), uri.getPort());
  }

  Origin {
    port = port >= 0 ? port : scheme.equals("https") ? 443 : 80;
  }

  /** Empty when the text is no origin. */
  static Optional<Origin> parse(String text) {
    try {
      URI uri = URI.create(text);
      return uri.getHost() == null || uri.getScheme() == null
          ? Optional.empty()
          : Optional.of(of(uri));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Every node of an {@code upstream}, in both forms that APISIX takes. */
  static List<Origin> ofUpstream(YamlItem upstream) {
    String scheme = lower(upstream.text("scheme").orElse("http"));
    List<Origin> origins = new ArrayList<>();
    upstream
        .member("nodes")
        .ifPresent(
            nodes -> {
              for (YamlItem node : nodes.items()) {
                origins.add(
                    new Origin(
                        scheme,
                        lower(node.text("host").orElse("")),
                        node.text("port").map(Origin::number).orElse(-1)));
              }
              for (String node : nodes.members().keySet()) {
                int colon = node.lastIndexOf(':');
                boolean hasPort = colon > node.lastIndexOf(']');
                origins.add(
                    new Origin(
                        scheme,
                        lower(hasPort ? node.substring(0, colon) : node),
                        hasPort ? number(node.substring(colon + 1)) : -1));
              }
            });
    return origins;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Whether both lead to the same machine and port, whatever they speak there. */
  boolean sameServer(Origin other) {
    return host.equals(other.host) && port == other.port;
  }

  @Override
  public String toString() {
    return scheme + "://" + host + ":" + port;
  }
}
