// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.ConnectorSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The options of a Salesforce connector.
 *
 * @param keyPrefixes objects by the first three characters of their record ids
 * @param apexRestPaths paths below {@code /services/apexrest} that may be called
 * @param limitPause how long no call is made after Salesforce said that its limit is used up
 */
record SalesforceOptions(
    Map<String, String> keyPrefixes, List<ApexRestPath> apexRestPaths, Duration limitPause) {
  static final String KEY_PREFIXES = "keyPrefixes";
  static final String APEX_REST_PATHS = "apexRestPaths";
  static final String LIMIT_PAUSE = "limitPause";

  private static final Set<String> NAMES = Set.of(KEY_PREFIXES, APEX_REST_PATHS, LIMIT_PAUSE);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final Pattern PAUSE = Pattern.compile("[0-9]{1,4}[smh]");
  private static final Pattern KEY_PREFIX = Pattern.compile("([A-Za-z0-9]{3})=(\\S+)");
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_-]{1,80}");

  /**
   * One path of custom code.
   *
   * @param segments below {@code /services/apexrest}
   * @param below whether everything below the path is meant too
   */
  record ApexRestPath(List<String> segments, boolean below) {
    ApexRestPath {
      segments = List.copyOf(segments);
    }

    boolean matches(List<String> path) {
      return path.size() >= segments.size()
          && path.subList(0, segments.size()).equals(segments)
          && (below || path.size() == segments.size());
    }

    /** The object of its scope: the segments, joined by dots. */
    String object() {
      return String.join(".", segments);
    }
  }

  SalesforceOptions {
    keyPrefixes = Map.copyOf(keyPrefixes);
    apexRestPaths = List.copyOf(apexRestPaths);
  }

  /**
   * Reads the options of a bundle.
   *
   * @throws IllegalArgumentException naming the option that is unknown or wrong
   */
  static SalesforceOptions of(ConnectorSettings settings) {
    Set<String> unknown = new TreeSet<>(settings.options().keySet());
    unknown.removeAll(NAMES);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "option "
              + unknown.iterator().next()
              + " is unknown: expected "
              + String.join(", ", KEY_PREFIXES, APEX_REST_PATHS)
              + " or "
              + LIMIT_PAUSE);
    }
    return new SalesforceOptions(
        keyPrefixes(settings.options().getOrDefault(KEY_PREFIXES, "")),
        words(settings.options().getOrDefault(APEX_REST_PATHS, "")).stream()
            .map(SalesforceOptions::apexRestPath)
            .toList(),
        limitPause(settings.options().getOrDefault(LIMIT_PAUSE, "30s").strip()));
  }

  private static Duration limitPause(String written) {
    Duration pause =
        PAUSE.matcher(written).matches()
            ? Duration.parse("PT" + written.toUpperCase(Locale.ROOT))
            : Duration.ZERO;
    if (!pause.isPositive() || pause.compareTo(LONGEST_PAUSE) > 0) {
      throw new IllegalArgumentException(
          LIMIT_PAUSE + ": expected a time such as 30s, from 1s to 1h, found " + written);
    }
    return pause;
  }

  private static Map<String, String> keyPrefixes(String written) {
    Map<String, String> objects = new HashMap<>();
    for (String word : words(written)) {
      var form = KEY_PREFIX.matcher(word);
      if (!form.matches() || !ApiName.isName(form.group(2))) {
        throw new IllegalArgumentException(
            KEY_PREFIXES + ": expected pairs such as \"001=Account 003=Contact\", found " + word);
      }
      if (objects.put(form.group(1), ApiName.object(form.group(2))) != null) {
        throw new IllegalArgumentException(KEY_PREFIXES + ": " + form.group(1) + " stands twice");
      }
    }
    return objects;
  }

  private static ApexRestPath apexRestPath(String written) {
    boolean below = written.endsWith("/*");
    String path = below ? written.substring(0, written.length() - 2) : written;
    List<String> segments = List.of(path.split("/", -1));
    if (segments.size() < 2
        || !segments.getFirst().isEmpty()
        || !segments.stream().skip(1).allMatch(segment -> SEGMENT.matcher(segment).matches())) {
      throw new IllegalArgumentException(
          APEX_REST_PATHS
              + ": expected paths below /services/apexrest such as \"/cases/escalate /orders/*\","
              + " found "
              + written);
    }
    return new ApexRestPath(segments.subList(1, segments.size()), below);
  }

  private static List<String> words(String written) {
    return written.isBlank() ? List.of() : List.of(written.strip().split("\\s+"));
  }

  /** The object that an id belongs to, if its prefix is known. */
  Optional<String> objectOf(String id) {
    return References.isReference(id)
        ? Optional.empty()
        : Optional.ofNullable(keyPrefixes.get(RecordId.keyPrefix(id)));
  }

  /** The configured path that covers a request, the longest one first. */
  Optional<ApexRestPath> apexRest(List<String> path) {
    return apexRestPaths.stream()
        .filter(candidate -> candidate.matches(path))
        .reduce((a, b) -> b.segments().size() > a.segments().size() ? b : a);
  }
}
