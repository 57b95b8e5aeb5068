// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.RowBound;

/**
 * The rows that one query, or one list in it, shows. Each instance is a set of its own: what two of
 * them show of the same object adds up, what two paths show of the same set does not.
 */
final class RowSet {
  private final RowBound bound;

  RowSet(RowBound bound) {
    this.bound = bound;
  }

  RowBound bound() {
    return bound;
  }
}
