// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

/** A place in a document; line and column count from 1, in code points. */
record Place(int line, int column) {
  /** No place: the problem is with the file as a whole. */
  static final Place NONE = new Place(0, 0);

  static final Place START = new Place(1, 1);
}
