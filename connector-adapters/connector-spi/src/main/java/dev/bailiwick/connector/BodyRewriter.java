// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.List;

/**
 * Rewrites a body piece by piece, in bounded memory. One instance serves one body and is not
 * thread-safe.
 */
public interface BodyRewriter {

  /** Takes the next piece and returns the bytes that are ready, possibly none. */
  byte[] feed(byte[] piece, int offset, int length);

  /**
   * Ends the body and returns the last bytes.
   *
   * @throws MalformedRequestException when the body ended in the middle of something
   */
  byte[] finish();

  /** The handles that were found since this was last asked; asked after every piece. */
  default List<Handle> handles() {
    return List.of();
  }
}
