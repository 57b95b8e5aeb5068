// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The references that a part of a composite request may make to the answers of earlier parts.
 *
 * <p>Salesforce fills them in after the request was ruled, so a reference may stand only where its
 * value cannot change what is done: as a whole id segment, with a value that Salesforce itself made
 * as an id. That is a field whose name ends in {@code id}, of an answer made of records. Not
 * thread-safe.
 */
final class References {
  private static final Pattern FORM =
      Pattern.compile(
          "@\\{([A-Za-z0-9_]{1,80})((?:\\[\\d{1,4}])?(?:\\.[A-Za-z0-9_]{1,120}(?:\\[\\d{1,4}])?)*)"
              + "\\.[A-Za-z]{0,118}[Ii]d}");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,80}");

  /** Whether each earlier part answers with records. */
  private final Map<String, Boolean> parts = new HashMap<>();

  /** Where there are no references: nothing was answered before. */
  static References none() {
    return new References();
  }

  static boolean isReference(String segment) {
    return segment.contains("@{");
  }

  /** Takes the name of a part, from the next part on. */
  void add(String referenceId, boolean answersWithRecords) {
    if (!NAME.matcher(referenceId).matches()) {
      throw Denied.body("referenceId holds other characters than letters, digits and underscores");
    }
    if (parts.put(referenceId, answersWithRecords) != null) {
      throw Denied.body("referenceId is used twice: " + referenceId);
    }
  }

  /** Requires that a reference can only become a record id. */
  void requireId(String segment) {
    Matcher form = FORM.matcher(segment);
    if (!form.matches()) {
      throw Denied.forbidden(
          "a reference in a URL must be a whole id segment and name a field that holds an id, such"
              + " as @{ref.id}");
    }
    if (!parts.getOrDefault(form.group(1), false)) {
      throw Denied.forbidden(
          "a reference in a URL names a part that does not stand before it, or does not answer with"
              + " records");
    }
  }
}
