// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import dev.bailiwick.connector.Action;
import java.util.Objects;

/**
 * Something that a request really did on the vendor's side, however it was addressed: a row of this
 * object was read, created, changed or deleted, or one of its fields was looked at or set.
 *
 * @param family the kind of object, as in scopes
 * @param object its name, in the vendor's own spelling
 * @param action what was done to it
 * @param field the field that was looked at or set; empty for the row itself
 */
public record Touch(String family, String object, Action action, String field) {
  public Touch {
    Objects.requireNonNull(family, "family");
    Objects.requireNonNull(object, "object");
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(field, "field");
  }
}
