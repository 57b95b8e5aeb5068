// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.List;

/**
 * A gateway that does not start, because it could not enforce its policy. The message holds every
 * reason, a line each, and no secret; there is no stack trace to read.
 */
public final class GatewayStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GatewayStartException(List<String> reasons) {
    super(String.join("\n", reasons), null, false, false);
  }

  GatewayStartException(String reason) {
    this(List.of(reason));
  }
}
