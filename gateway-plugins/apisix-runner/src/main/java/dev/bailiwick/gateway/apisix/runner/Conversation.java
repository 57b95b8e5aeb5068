// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

/**
 * One call of APISIX, from its frame to its answer. Belongs to the event loop of its connection;
 * exactly one answer is given, and none after the connection is gone.
 */
interface Conversation {
  void begin();

  /** APISIX told what it was asked for. */
  void told(byte[] result);

  /** APISIX told more than was wanted; it was read over. */
  void toldTooMuch();

  /** The decision takes too long. */
  void late();

  /** APISIX is gone. */
  void abandoned();
}
