// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

/** The first byte of a frame; three bytes of length follow, and a flatbuffer. */
final class FrameType {
  static final int ERROR = 0;
  static final int PREPARE_CONF = 1;
  static final int REQUEST_CALL = 2;
  static final int EXTRA_INFO = 3;
  static final int RESPONSE_CALL = 4;

  /** What three bytes of length can say. */
  static final int MAX_PAYLOAD = (1 << 24) - 1;

  private FrameType() {}
}
