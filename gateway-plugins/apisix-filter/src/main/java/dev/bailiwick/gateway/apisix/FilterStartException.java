// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

/** The filter cannot start; the message says what to change. */
final class FilterStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FilterStartException(String message) {
    super(message, null, false, false);
  }
}
