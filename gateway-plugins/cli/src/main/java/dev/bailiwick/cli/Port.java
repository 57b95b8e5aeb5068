// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

/** A TCP port; 0 takes a free one. */
record Port(int number) {
  /**
   * Reads an option's value.
   *
   * @throws IllegalArgumentException when it is no whole number from 0 to 65535
   */
  static Port parse(String text) {
    int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    if (number < 0 || number > 65535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, found \"" + text + "\"");
    }
    return new Port(number);
  }
}
