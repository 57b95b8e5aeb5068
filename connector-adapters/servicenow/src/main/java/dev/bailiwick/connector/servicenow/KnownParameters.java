// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.RowBound;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Query parameters of which every one is known: what is not on the list is denied, also in another
 * letter case or given twice.
 */
final class KnownParameters {
  static final String LIMIT = "sysparm_limit";
  static final Pattern FLAG = Pattern.compile("true|false");
  static final Pattern OFF = Pattern.compile("false");
  static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  static final Pattern WORD = Pattern.compile("\\w{1,80}");
  static final Pattern ANY = Pattern.compile(".*", Pattern.DOTALL);
  static final Pattern DISPLAY_VALUE = Pattern.compile("true|false|all");

  private KnownParameters() {}

  /**
   * Checks names and values.
   *
   * @param forms every parameter that the operation takes, and the form of its value
   * @param elsewhere parameters that other operations take, for a better sentence
   * @param phrase what the request does, for a sentence
   */
  static void check(
      RequestTarget target, Map<String, Pattern> forms, Set<String> elsewhere, String phrase) {
    if (target.parameters().isEmpty()) {
      return;
    }
    Set<String> seen = new HashSet<>();
    for (Parameter parameter : target.parameters()) {
      String name = parameter.name();
      Pattern form = forms.get(name);
      if (form == null) {
        throw unknown(name, forms, elsewhere, phrase);
      }
      if (!seen.add(name)) {
        throw MalformedRequestException.unknown(
            "the parameter " + name + " is given twice: give it once");
      }
      if (!form.matcher(parameter.value()).matches()) {
        throw MalformedRequestException.unknown(
            "the parameter " + name + " has a value that is not known");
      }
    }
  }

  /** As above, for an operation that shares its parameters with no other. */
  static void check(RequestTarget target, Map<String, Pattern> forms, String phrase) {
    check(target, forms, Set.of(), phrase);
  }

  private static RuntimeException unknown(
      String name, Map<String, Pattern> forms, Set<String> elsewhere, String phrase) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!name.equals(lower) && (forms.containsKey(lower) || elsewhere.contains(lower))) {
      return MalformedRequestException.unknown("parameter names are lower case: write " + lower);
    }
    if (elsewhere.contains(name)) {
      return MalformedRequestException.unknown(
          "the parameter " + name + " has no meaning for " + phrase);
    }
    if (forms.isEmpty()) {
      return MalformedRequestException.unknown(
          phrase + " takes no parameters, found " + MalformedRequestException.shown(name));
    }
    return MalformedRequestException.unknown(
        "the parameter "
            + MalformedRequestException.shown(name)
            + " is not known"
            + (elsewhere.isEmpty()
                ? " for " + phrase
                : ": filter with sysparm_query, choose fields with sysparm_fields"));
  }

  /** How many rows a list shows. */
  static RowBound rows(RequestTarget target) {
    return RowBound.parameter(target, LIMIT);
  }

  /** A list of fields, separated by commas. */
  static Set<FieldName> fields(String text, String place) {
    Set<FieldName> fields = new LinkedHashSet<>();
    for (String name : text.split(",", -1)) {
      fields.add(FieldName.of(name.strip(), place));
    }
    return fields;
  }
}
