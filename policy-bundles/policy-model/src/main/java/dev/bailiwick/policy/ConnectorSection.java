// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.CallLimits;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import dev.bailiwick.policy.Bundle.Gateway;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads {@code connectors}. */
final class ConnectorSection {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration USUAL = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final Duration LONGEST_PERIOD = Duration.ofHours(24);
  private static final int MOST_CALLS = 1_000_000;
  private static final int MOST_CONCURRENT = 10_000;

  /** Segments begin with a letter or a digit: no dot segments, and none of the well-known paths. */
  private static final Pattern MOUNT = Pattern.compile("/|(/[A-Za-z0-9][A-Za-z0-9._~-]*)+");

  private static final String ROOT = "/";

  private static final Pattern CREDENTIAL =
      Pattern.compile("vault:[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");

  private static final URI UNUSABLE = URI.create("https://unusable.invalid");

  private final Gateway gateway;
  private final Problems problems;

  /** Mount points so far, each with a slash at its end, by the connector that has them. */
  private final Map<String, String> mounts = new HashMap<>();

  ConnectorSection(Gateway gateway, Problems problems) {
    this.gateway = gateway;
    this.problems = problems;
  }

  Map<String, ConnectorRule> read(Section root) {
    return root.each("connectors", this::connector);
  }

  private ConnectorRule connector(String name, Section section) {
    Section limits = section.section("limits");
    return new ConnectorRule(
        name,
        section.text("adapter"),
        mount(name, section),
        section.parsed("upstream", this::upstream, UNUSABLE),
        section.parsed("credential", ConnectorSection::credential, Section.UNUSABLE),
        options(section),
        section.duration("timeout", USUAL, SHORTEST, LONGEST),
        limits(limits),
        limits.bytes("maxBodyBytes", gateway.limits().maxBodyBytes(), BundleCompiler.LARGEST_BODY));
  }

  private static CallLimits limits(Section section) {
    CallLimits defaults = CallLimits.defaults();
    return new CallLimits(
        section.integer("calls", 1, MOST_CALLS),
        section.duration("per", defaults.per(), SHORTEST, LONGEST_PERIOD),
        section.integer("concurrent", 1, MOST_CONCURRENT).orElse(defaults.concurrent()));
  }

  private String mount(String name, Section section) {
    String path = section.text("path");
    Located at = section.at().member("path").orElse(section.at());
    if (!MOUNT.matcher(path).matches()) {
      problems.at(
          at,
          "found "
              + at.found()
              + "; expected / or a path such as /servicenow: segments of letters, digits, . _ ~ -,"
              + " each beginning with a letter or digit, and no slash at the end");
      return path;
    }
    String tree = path.equals(ROOT) ? ROOT : path + "/";
    mounts.forEach(
        (other, taken) -> {
          if (overlap(tree, taken)) {
            problems.at(
                at,
                Located.quote(path)
                    + (tree.equals(taken) ? " is the path of " : " overlaps with the path of ")
                    + "connectors."
                    + other
                    + " already, so it would be unclear which of them a request means; choose"
                    + " another");
          }
        });
    mounts.put(name, tree);
    return path;
  }

  /** The root is what no other mount point takes, so it overlaps with another root only. */
  private static boolean overlap(String tree, String other) {
    if (tree.equals(ROOT) || other.equals(ROOT)) {
      return tree.equals(other);
    }
    return tree.startsWith(other) || other.startsWith(tree);
  }

  private URI upstream(String text) {
    URI upstream = WebAddress.origin(text);
    if (upstream.equals(gateway.externalUrl())) {
      throw new IllegalArgumentException(
          "this is gateway.externalUrl itself; expected the system behind the gateway");
    }
    return upstream;
  }

  /** The text is never repeated: it may be the secret itself, pasted here by mistake. */
  private static String credential(String text) {
    if (!CREDENTIAL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "expected a reference such as vault:servicenow/acme; the secret itself belongs into the"
              + " credential store");
    }
    return text;
  }

  private static Map<String, String> options(Section section) {
    Map<String, String> options = new HashMap<>();
    Section values = section.section("options");
    values
        .at()
        .members()
        .forEach(
            (name, value) -> {
              JsonNode json = value.json();
              options.put(
                  name, json.isNumber() || json.isBoolean() ? json.asString() : values.text(name));
            });
    return options;
  }
}
