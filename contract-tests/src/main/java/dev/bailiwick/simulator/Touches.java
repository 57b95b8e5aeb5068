// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import dev.bailiwick.connector.Action;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Keeps what requests did, each thing once, in order. Thread-safe. */
public final class Touches {
  private final Set<Touch> all = new LinkedHashSet<>();

  /** A row was read, created, changed or deleted, or something was executed. */
  public synchronized void on(String family, String object, Action action) {
    all.add(new Touch(family, object, action, ""));
  }

  /** A field of a row was looked at or set. */
  public synchronized void field(String family, String object, Action action, String field) {
    all.add(new Touch(family, object, action, field));
  }

  public synchronized List<Touch> list() {
    return List.copyOf(all);
  }

  public synchronized void forget() {
    all.clear();
  }
}
