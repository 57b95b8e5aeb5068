// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Locale;

/** What an operation does to its object. An upsert is two operations: create and update. */
public enum Action {
  READ,
  CREATE,
  UPDATE,
  DELETE,
  EXECUTE,
  ADMIN;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word as it stands in a scope: {@code read}, {@code create}, … */
  public String word() {
    return word;
  }

  /** True for everything that may change the upstream system. */
  public boolean writes() {
    return this != READ;
  }
}
