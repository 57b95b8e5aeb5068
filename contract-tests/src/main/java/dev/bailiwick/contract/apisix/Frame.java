// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.nio.ByteBuffer;

/**
 * One message: a type byte, three bytes of length in network order, and a flatbuffer.
 *
 * @param payload at most {@link #MAX_PAYLOAD} bytes
 */
public record Frame(int type, byte[] payload) {
  public static final int ERROR = 0;
  public static final int PREPARE_CONF = 1;
  public static final int REQUEST_CALL = 2;
  public static final int EXTRA_INFO = 3;
  public static final int RESPONSE_CALL = 4;

  /** What three bytes of length can say. */
  public static final int MAX_PAYLOAD = (1 << 24) - 1;

  /** The frame as it is written. */
  public ByteBuffer bytes() {
    return ByteBuffer.allocate(4 + payload.length)
        .putInt(type << 24 | payload.length)
        .put(payload)
        .flip();
  }
}
