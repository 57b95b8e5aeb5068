// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.net.URI;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the configuration of one route says. Immutable. */
sealed interface RouteConf {
  String FILTER = "bailiwick";

  /**
   * A route to one connector.
   *
   * @param upstream the origin that the route proxies to
   * @param target whether the raw target stands in a header
   * @param protocol whether the request's protocol stands in a header
   */
  record Wired(String connector, URI upstream, boolean target, boolean protocol)
      implements RouteConf {}

  /** Nothing that comes over this route is let through. */
  record Miswired(String sentence) implements RouteConf {}

  /** One filter of a route, as APISIX hands it over. */
  record Filter(String name, String value) {}

  /** Reads a configuration; whatever is not exactly one {@code bailiwick} filter is miswired. */
  static RouteConf of(List<Filter> filters) {
    if (filters.size() != 1 || !filters.get(0).name().equals(FILTER)) {
      return new Miswired(
          "the route's ext-plugin must hold one filter named bailiwick and nothing beside it, but"
              + " holds "
              + filters.stream().map(filter -> printable(filter.name())).toList());
    }
    try {
      return Reader.wired(filters.get(0).value());
    } catch (JacksonException | IllegalArgumentException e) {
      return new Miswired(
          "the route's conf for bailiwick must be {\"connector\": name, \"upstream\": origin,"
              + " \"target\": \"header\", \"protocol\": \"header\"}; print it with bailiwick apisix"
              + " route");
    }
  }

  private static String printable(String name) {
    return name.length() <= 128 && name.chars().allMatch(c -> c > ' ' && c < 0x7f)
        ? name
        : "(unprintable)";
  }

  /** Reads the value of the filter. */
  final class Reader {
    private static final JsonMapper MAPPER =
        JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> MEMBERS =
        Set.of("connector", "upstream", "target", "protocol");

    private Reader() {}

    private static Wired wired(String json) {
      JsonNode value = MAPPER.readTree(json);
      if (!value.isObject() || !MEMBERS.containsAll(value.propertyNames())) {
        throw new IllegalArgumentException("an object of " + MEMBERS);
      }
      URI upstream = URI.create(text(value, "upstream"));
      if (upstream.getScheme() == null || upstream.getHost() == null) {
        throw new IllegalArgumentException("upstream");
      }
      return new Wired(
          text(value, "connector"),
          upstream,
          inHeader(value, "target"),
          inHeader(value, "protocol"));
    }

    private static boolean inHeader(JsonNode value, String member) {
      if (!value.has(member)) {
        return false;
      }
      if (!text(value, member).equals("header")) {
        throw new IllegalArgumentException(member);
      }
      return true;
    }

    private static String text(JsonNode value, String member) {
      if (!value.path(member).isString()) {
        throw new IllegalArgumentException(member);
      }
      return value.path(member).stringValue();
    }
  }
}
