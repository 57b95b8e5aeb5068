// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;

/**
 * How much of one request is looked at. What a request names once can stand in many places, so its
 * size alone does not bound the work. Not thread-safe.
 */
final class Budget {
  private final String sentence;
  private int left;

  /**
   * @param steps how many may be spent
   * @param sentence what the denial says
   */
  Budget(int steps, String sentence) {
    this.left = steps;
    this.sentence = sentence;
  }

  void spend(int steps) {
    left -= Math.min(left + 1, steps);
    if (left < 0) {
      throw MalformedRequestException.tooLarge(sentence);
    }
  }
}
