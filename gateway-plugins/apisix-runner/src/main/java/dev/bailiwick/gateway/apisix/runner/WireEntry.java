// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import org.jspecify.annotations.Nullable;

/**
 * A header or an argument on the wire.
 *
 * @param value null is an argument without an equals sign; in an answer: remove it
 */
record WireEntry(String name, @Nullable String value) {
  /** The name only: a value may be a secret. */
  @Override
  public String toString() {
    return name;
  }
}
