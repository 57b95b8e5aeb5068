// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.Admission.Admitted;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a request says about its body, for a host that sees no more of it than its head
 * (<a href="https://www.rfc-editor.org/rfc/rfc9112#section-6.3">RFC 9112 §6.3</a>, <a
 * href="https://www.rfc-editor.org/rfc/rfc9113#section-8.1.1">RFC 9113 §8.1.1</a>). Immutable.
 */
public sealed interface AnnouncedBody {

  /** There is none. */
  record None() implements AnnouncedBody {}

  /**
   * There is one of this length.
   *
   * @param length in bytes, at least 1
   */
  record Bytes(long length) implements AnnouncedBody {}

  /** There is one in chunks. */
  record Chunks() implements AnnouncedBody {}

  /**
   * The head leaves it open: over HTTP/2 and HTTP/3 the stream ends with the head or goes on, and
   * no header has to say which.
   */
  record Unsaid() implements AnnouncedBody {}

  /**
   * Reads the head.
   *
   * @param protocol of the request, such as {@code HTTP/1.1}; null when the host does not know it
   */
  static AnnouncedBody of(Headers headers, @Nullable String protocol) {
    if (headers.has("transfer-encoding")) {
      return new Chunks();
    }
    String length = headers.first("content-length").orElse(null);
    if (length != null) {
      long bytes = length.matches("[0-9]{1,18}") ? Long.parseLong(length) : Long.MAX_VALUE;
      return bytes == 0 ? new None() : new Bytes(bytes);
    }
    return "HTTP/1.1".equals(protocol) || "HTTP/1.0".equals(protocol) ? new None() : new Unsaid();
  }

  /** Whether it is longer than this, as far as the head tells. */
  default boolean isLongerThan(int bytes) {
    return this instanceof Bytes announced && announced.length() > bytes;
  }

  /**
   * Whether these bytes can be all of it. A gateway that could not read a body may show none in its
   * place, so no bytes are only believed of a request that announces none.
   */
  default boolean isShownBy(byte[] body) {
    return switch (this) {
      case None none -> body.length == 0;
      case Bytes announced -> body.length == announced.length();
      case Chunks chunks -> body.length > 0;
      case Unsaid unsaid -> body.length > 0;
    };
  }

  /**
   * Whether the server in front has to deny a body by itself. Of a request that may have one by its
   * head, and none by what it does, nobody has looked at any; nginx does not send one that is
   * longer than said.
   */
  default boolean mustBeKeptOut(Admitted admitted) {
    return this instanceof Unsaid && !admitted.needsBody() && !admitted.streamsBody();
  }
}
