// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.time.Duration;
import java.util.Objects;

/**
 * A vendor's name for work that was begun earlier, such as a query locator or the id of a job. A
 * request that uses one does not say what it does; only the request that handed it out did. So the
 * gateway keeps each for the agent that it was handed to.
 *
 * @param kind what it names, one of the connector's own words
 * @param id in the form in which two spellings of the same handle are equal, at most 256 characters
 * @param lifetime how long it is of use after it was last used
 */
public record Handle(String kind, String id, Duration lifetime) {
  private static final int LONGEST_ID = 256;

  public Handle {
    Objects.requireNonNull(kind, "kind");
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw new IllegalArgumentException("id: expected 1 to " + LONGEST_ID + " characters");
    }
    if (lifetime.isZero() || lifetime.isNegative()) {
      throw new IllegalArgumentException("lifetime: expected a positive duration");
    }
  }
}
