// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.util.regex.Pattern;

/** Every denial of this connector is made here, so that all of them sound alike. */
final class Denials {
  private static final Pattern PLAIN = Pattern.compile("[\\w.-]{1,80}");

  private Denials() {}

  /** Nothing that this connector knows. */
  static MalformedRequestException unknown(String sentence) {
    return new MalformedRequestException(Kind.UNKNOWN_OPERATION, sentence);
  }

  /** Known, and never allowed. */
  static MalformedRequestException forbidden(String sentence) {
    return new MalformedRequestException(Kind.FORBIDDEN, sentence);
  }

  /** A body that the operation does not take. */
  static MalformedRequestException body(String sentence) {
    return new MalformedRequestException(Kind.BODY, sentence);
  }

  /** A body of a type that the operation does not take. */
  static MalformedRequestException mediaType(String sentence) {
    return new MalformedRequestException(Kind.MEDIA_TYPE, sentence);
  }

  /** The agent's own word for a sentence, when it is harmless enough to be repeated. */
  static String shown(String word) {
    return PLAIN.matcher(word).matches() ? word : "(not shown)";
  }
}
