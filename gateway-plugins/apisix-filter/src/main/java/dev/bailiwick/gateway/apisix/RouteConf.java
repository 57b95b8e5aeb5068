// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import java.net.URI;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a route's {@code ext-plugin-pre-req} says to the filter: which connector it leads to, and
 * where its own upstream points.
 *
 * @param connector name of the connector in the bundle
 * @param upstream origin that the route sends to
 * @param protocol whether the request's protocol stands in a header
 */
record RouteConf(String connector, URI upstream, boolean protocol) {
  private static final Set<String> MEMBERS = Set.of("connector", "upstream", "target", "protocol");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * @throws IllegalArgumentException when the text is anything else; the message says what
   */
  static RouteConf parse(String text) {
    JsonNode conf;
    try {
      conf = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the value of " + BailiwickFilter.NAME + " is no JSON", e);
    }
    if (!conf.isObject()) {
      throw new IllegalArgumentException(
          "the value of " + BailiwickFilter.NAME + " must be a JSON object");
    }
    Set<String> unknown = new TreeSet<>(conf.propertyNames());
    unknown.removeAll(MEMBERS);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "the value of "
              + BailiwickFilter.NAME
              + " has unknown members "
              + unknown
              + "; there are "
              + new TreeSet<>(MEMBERS));
    }
    if (!text(conf, "target").equals("header")) {
      throw new IllegalArgumentException("target must be \"header\"");
    }
    URI upstream = URI.create(text(conf, "upstream"));
    if (upstream.getHost() == null || upstream.getScheme() == null) {
      throw new IllegalArgumentException("upstream must be an origin such as https://host");
    }
    boolean protocol = conf.has("protocol");
    if (protocol && !text(conf, "protocol").equals("header")) {
      throw new IllegalArgumentException("protocol must be \"header\", or absent");
    }
    return new RouteConf(text(conf, "connector"), upstream, protocol);
  }

  /** Whether what is sent over the route arrives at this origin. */
  boolean leadsTo(URI origin) {
    return upstream.getScheme().equalsIgnoreCase(origin.getScheme())
        && upstream.getHost().equalsIgnoreCase(origin.getHost())
        && port(upstream) == port(origin);
  }

  private static int port(URI origin) {
    return origin.getPort() >= 0
        ? origin.getPort()
        : origin.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  private static String text(JsonNode conf, String name) {
    JsonNode value = conf.get(name);
    if (value == null || !value.isString() || value.stringValue().isEmpty()) {
      throw new IllegalArgumentException(
          "the value of " + BailiwickFilter.NAME + " needs \"" + name + "\"");
    }
    return value.stringValue();
  }
}
