// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * A value that must not be seen: a password, a token, a key. It prints as {@code Secret[hidden]},
 * compares in constant time and cannot be serialized. Immutable.
 */
public final class Secret {
  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** Wraps a value; throws {@link IllegalArgumentException} when it is empty. */
  public static Secret of(String value) {
    Objects.requireNonNull(value, "value");
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a secret must not be empty");
    }
    return new Secret(value);
  }

  /**
   * The value itself. Called only where a credential is applied to a request or stored encrypted;
   * an architecture test lists the callers.
   */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
  }

  /** Constant, so that a hash of the value can never be read from a table or a dump of one. */
  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "Secret[hidden]";
  }
}
