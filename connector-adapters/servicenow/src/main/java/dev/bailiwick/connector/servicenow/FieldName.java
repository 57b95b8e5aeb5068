// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.regex.Pattern;

/**
 * A field as requests name it: {@code state}, or dot-walked through references as in {@code
 * caller_id.manager.email}.
 */
record FieldName(String text) {
  /** Possessive, so that a long walk costs no stack. */
  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9_]*+(?:\\.[a-z][a-z0-9_]*+)*+");

  /** Reads a name; {@code place} says in a sentence where it stood. */
  static FieldName of(String text, String place) {
    if (!FORM.matcher(text).matches()) {
      throw MalformedRequestException.unknown(
          place
              + " names a field that is not in lower-case letters, digits and underscores: "
              + MalformedRequestException.shown(text));
    }
    return new FieldName(text);
  }

  boolean walks() {
    return text.indexOf('.') >= 0;
  }

  /** The field of the table itself: where a walk starts. */
  String first() {
    int dot = text.indexOf('.');
    return dot < 0 ? text : text.substring(0, dot);
  }

  /** The references that a walk follows: {@code caller_id.manager}. */
  String references() {
    return text.substring(0, text.lastIndexOf('.'));
  }

  /** The field at the end of a walk. */
  String last() {
    return text.substring(text.lastIndexOf('.') + 1);
  }
}
