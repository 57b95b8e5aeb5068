// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

/** Outcome of the whole walk. */
public sealed interface Decision {

  /** Send this upstream. */
  record Allow(UpstreamCall call) implements Decision {}

  /**
   * The request is over and was granted: the gateway answers it itself. Send this and call nothing
   * upstream. Evidence is already written.
   */
  record Answer(GatewayResponse response) implements Decision {}

  /** The request is over: send this. Evidence is already written. */
  record Deny(GatewayResponse response) implements Decision {}
}
