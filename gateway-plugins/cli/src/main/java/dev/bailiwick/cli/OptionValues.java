// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** How the values of options are read. What is wrong with one is said without naming a class. */
final class OptionValues {
  private OptionValues() {}

  static void register(CommandLine commandLine) {
    register(commandLine, Port.class, Port::parse);
    register(commandLine, Duration.class, OptionValues::duration);
    register(commandLine, URI.class, OptionValues::url);
  }

  private static <T> void register(
      CommandLine commandLine, Class<T> type, Function<String, T> reader) {
    commandLine.registerConverter(
        type,
        text -> {
          try {
            return reader.apply(text);
          } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
          }
        });
  }

  /** {@code 5m} as bundles write it, or {@code PT5M} (ISO 8601). */
  private static Duration duration(String text) {
    try {
      return Duration.parse(text.matches("[0-9]+[smhSMH]") ? "PT" + text : text);
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "expected a duration such as 30s, 5m or PT5M, found \"" + text + "\"", e);
    }
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text);
      String scheme = url.getScheme();
      if (url.getHost() != null && ("http".equals(scheme) || "https".equals(scheme))) {
        return url;
      }
    } catch (URISyntaxException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "expected an http or https URL with a host, such as http://127.0.0.1:8080, found \""
            + text
            + "\"");
  }
}
