// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;

/** Makes the exceptions that this connector denies with. */
final class Denied {
  private Denied() {}

  /** Nothing that this connector knows. */
  static MalformedRequestException unknown(String sentence) {
    return new MalformedRequestException(Kind.UNKNOWN_OPERATION, sentence);
  }

  /** Known, and never allowed by whatever policy. */
  static MalformedRequestException forbidden(String sentence) {
    return new MalformedRequestException(Kind.FORBIDDEN, sentence);
  }

  /** A body, or a query inside one, that is not what the operation takes. */
  static MalformedRequestException body(String sentence) {
    return new MalformedRequestException(Kind.BODY, sentence);
  }

  /** More than can be checked. */
  static MalformedRequestException tooLarge(String sentence) {
    return new MalformedRequestException(Kind.TOO_LARGE, sentence);
  }
}
