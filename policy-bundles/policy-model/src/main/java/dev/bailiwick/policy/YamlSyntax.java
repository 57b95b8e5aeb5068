// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.List;

/** Says in plain words what keeps a text from being YAML. */
final class YamlSyntax {
  private static final String GENERAL =
      "this is not well-formed YAML; check the indentation, the quotes and the brackets around"
          + " here";

  /** What a parser's complaint begins with, and what it means to the writer of a bundle. */
  private record Meaning(String complaint, String sentence) {}

  /** Complaints about an end that is missing: they belong where the beginning is. */
  private static final List<String> UNCLOSED =
      List.of("found unexpected end of stream", "expected ',' or");

  private static final List<Meaning> MEANINGS =
      List.of(
          new Meaning(
              "mapping values are not allowed here",
              "a \": \" where no key can be; put text that holds \": \" in quotes, and check the"
                  + " indentation"),
          new Meaning(
              "could not find expected ':'",
              "a key without \":\"; write key: value, and put text of several lines in quotes"),
          new Meaning("found character '\\t", "a tab cannot indent YAML; use spaces"),
          new Meaning("found character '", "text that begins with @, ` or % must stand in quotes"),
          new Meaning("found unexpected end of stream", "the file ends inside quotes; close them"),
          new Meaning("expected ',' or ']'", "a list that begins with [ is not closed with ]"),
          new Meaning("expected ',' or '}'", "a mapping that begins with { is not closed with }"),
          new Meaning(
              "sequence entries are not allowed here",
              "a list item must begin its own line with \"- \""),
          new Meaning("found undefined tag handle", "tags are not used in bundles; remove it"),
          new Meaning(
              "found unknown escape character",
              "an unknown escape after \\ in double quotes; use single quotes"),
          new Meaning(
              "expected '<document start>'",
              "the indentation does not fit the lines above; align it with its neighbours"),
          new Meaning(
              "expected <block end>",
              "the indentation does not fit the lines above; align it with its neighbours"));

  private YamlSyntax() {}

  /** Whether the place to look at is where the thing begins, not where the parser gave up. */
  static boolean isUnclosed(String problem) {
    return UNCLOSED.stream().anyMatch(problem::startsWith);
  }

  static String sentence(String problem) {
    return MEANINGS.stream()
        .filter(meaning -> problem.startsWith(meaning.complaint))
        .map(Meaning::sentence)
        .findFirst()
        .orElse(GENERAL);
  }
}
