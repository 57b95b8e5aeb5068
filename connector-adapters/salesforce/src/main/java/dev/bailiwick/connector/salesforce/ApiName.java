// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Names of objects, fields, relationships and actions, in the form that scopes are compared in:
 * lower case. Only ASCII letters, digits and underscores can be a name, so a letter of another
 * script that looks like one, or that becomes one when its case changes, never is.
 */
final class ApiName {
  private static final int LONGEST = 120;

  private ApiName() {}

  static boolean isName(String written) {
    if (written.isEmpty() || written.length() > LONGEST || !isLetter(written.charAt(0))) {
      return false;
    }
    for (int i = 1; i < written.length(); i++) {
      char c = written.charAt(i);
      if (!isLetter(c) && (c < '0' || c > '9') && c != '_') {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /**
   * The normal form of a name.
   *
   * @param what what the name is of, for the sentence: {@code an object}
   */
  static String of(String written, String what) {
    if (!isName(written)) {
      throw MalformedRequestException.unknown(
          "the name of "
              + what
              + " is not one that Salesforce can have: use ASCII letters, digits and underscores");
    }
    return written.toLowerCase(Locale.ROOT);
  }

  static String object(String written) {
    return of(written, "an object");
  }

  static String field(String written) {
    return of(written, "a field");
  }

  /** The steps of a path such as {@code Owner.Email}, in normal form. */
  static List<String> path(String written) {
    List<String> steps = new ArrayList<>();
    for (String step : written.split("\\.", -1)) {
      steps.add(field(step));
    }
    return steps;
  }
}
