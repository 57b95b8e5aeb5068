// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.regex.Pattern;

/**
 * Record ids: 15 letters and digits, or 18 with a checksum, the first three of which tell the
 * object.
 */
final class RecordId {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?");

  private RecordId() {}

  /**
   * Whether a path segment can only be an id. One of its first two characters is a digit in every
   * org; a field with a name of that form does not exist.
   *
   * @throws dev.bailiwick.connector.MalformedRequestException when it could be an id or a name
   */
  static boolean is(String segment) {
    if (!FORM.matcher(segment).matches()) {
      return false;
    }
    if (isDigit(segment.charAt(0)) || isDigit(segment.charAt(1))) {
      return true;
    }
    throw MalformedRequestException.unknown("a path segment could be a record id or a name");
  }

  static String require(String text) {
    if (!is(text)) {
      throw MalformedRequestException.unknown(
          "a record id is expected: 15 or 18 letters and digits");
    }
    return text;
  }

  /** The three characters that stand for the object. */
  static String keyPrefix(String id) {
    return id.substring(0, 3);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
