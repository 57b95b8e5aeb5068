// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Arrays;
import java.util.List;

/**
 * Rewrites a body, piece by piece in bounded memory or at once. One instance serves one body and is
 * not thread-safe.
 */
public interface BodyRewriter {

  /** Takes the next piece, which it never changes, and returns what is ready, possibly no bytes. */
  byte[] feed(byte[] piece, int offset, int length);

  /**
   * Ends the body and returns the last bytes.
   *
   * @throws MalformedRequestException when the body ended in the middle of something
   */
  byte[] finish();

  /**
   * Rewrites a body that is there as a whole; takes the place of {@link #feed} and {@link #finish}.
   *
   * @throws MalformedRequestException as {@link #finish} does
   */
  default byte[] rewrite(byte[] body) {
    byte[] first = feed(body, 0, body.length);
    byte[] last = finish();
    if (last.length == 0) {
      return first;
    }
    byte[] whole = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, whole, first.length, last.length);
    return whole;
  }

  /** The handles that were found since this was last asked; asked after every piece. */
  default List<Handle> handles() {
    return List.of();
  }
}
