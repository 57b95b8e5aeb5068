// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

/** Outcome of the whole walk. */
public sealed interface Decision {

  /** Send this upstream. */
  record Allow(UpstreamCall call) implements Decision {}

  /** The request is over: send this. Evidence is already written. */
  record Deny(GatewayResponse response) implements Decision {}
}
