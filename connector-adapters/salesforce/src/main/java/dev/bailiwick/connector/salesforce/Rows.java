// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.RELATIONSHIP;
import static dev.bailiwick.connector.salesforce.Footprint.SOBJECT;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a request reads: those of an object, or those that a relationship leads to from one.
 *
 * <p>A path counts twice. {@code Owner.Email} of a contact is the field {@code owner} of {@code
 * sobject/contact} and the field {@code email} of {@code relationship/contact.owner}: which object
 * {@code Owner} leads to is written nowhere in a request, so the path itself is what is granted.
 */
final class Rows {
  private final Footprint into;
  private final RowSet set;
  private final String family;
  private final String name;
  private final @Nullable Rows from;
  private final String step;

  private Rows(
      Footprint into, RowSet set, String family, String name, @Nullable Rows from, String step) {
    this.into = into;
    this.set = set;
    this.family = family;
    this.name = name;
    this.from = from;
    this.step = step;
  }

  /**
   * The rows of an object, in normal form. Nothing is noted until something is done to them.
   *
   * @param bound how many of them are shown
   */
  static Rows of(Footprint into, String object, RowBound bound) {
    return of(into, object, new RowSet(bound));
  }

  /** Those rows of a set that are of this object, which may be all of them. */
  static Rows of(Footprint into, String object, RowSet set) {
    return new Rows(into, set, SOBJECT, object, null, "");
  }

  /** These rows are those of a list view, whose filters nobody sees here. */
  void throughListView() {
    into.on(Footprint.LIST_VIEW, name, Action.READ).all().shows(set);
  }

  /** These rows where they are of this object, which they may be. */
  Rows as(String object) {
    return of(into, object, set);
  }

  /** The rows at the end of a relationship path, one for each of these. */
  Rows through(List<String> path) {
    return behind(path, set);
  }

  /**
   * The rows of a relationship that has several for each of these. They may come from the recycle
   * bin.
   *
   * @param each how many are shown for each
   * @param wayOfBoth how a request limits their number and that of these rows
   */
  Rows children(List<String> path, RowBound each, String wayOfBoth) {
    Rows rows = behind(path, new RowSet(set.bound().times(each, wayOfBoth)));
    into.children(rows.name);
    return rows;
  }

  private Rows behind(List<String> path, RowSet shown) {
    return new Rows(
        into, shown, RELATIONSHIP, name + "." + String.join(".", path), this, path.getFirst());
  }

  /** What is done to these rows themselves. */
  Touched touched(Action action) {
    Touched touched = into.on(family, name, action);
    return action == Action.READ ? touched.shows(set) : touched;
  }

  Touched touched() {
    return touched(Action.READ);
  }

  /** Notes a field, or a path to one, everywhere from here back to the object it starts from. */
  void field(List<String> path, Use use) {
    Rows owner = path.size() == 1 ? this : through(path.subList(0, path.size() - 1));
    owner.mark(path.getLast(), use);
  }

  /** Every field of these rows is shown. */
  void everything() {
    touched().all();
    if (from != null) {
      from.mark(step, Use.READ);
    }
  }

  private void mark(String field, Use use) {
    touched().uses(field, use);
    if (from != null) {
      from.mark(step, use);
    }
  }

  Footprint footprint() {
    return into;
  }

  /** Whether a path may start with this name and mean these rows. */
  boolean isObject(String written) {
    return family.equals(SOBJECT) && name.equals(written);
  }
}
