// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the name that was probably meant. */
final class Suggestion {
  /** Above this many names, a guess costs more than it helps. */
  private static final int MOST_NAMES = 1000;

  private static final int LONGEST_NAME = 80;

  private Suggestion() {}

  /** {@code ; did you mean "ceiling"?}, or nothing when no name is near. */
  static String didYouMean(String found, Collection<String> names) {
    String closest = closest(found, names);
    return closest == null ? "" : "; did you mean \"" + closest + "\"?";
  }

  private static @Nullable String closest(String found, Collection<String> names) {
    if (names.size() > MOST_NAMES || found.length() > LONGEST_NAME) {
      return null;
    }
    String closest = null;
    int shortest = Math.max(1, found.length() / 3) + 1;
    for (String name : names) {
      int distance = distance(found, name);
      if (distance < shortest && name.length() <= LONGEST_NAME) {
        shortest = distance;
        closest = name;
      }
    }
    return closest;
  }

  /** How many letters must be added, dropped, changed or swapped with their neighbour. */
  static int distance(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(
                Math.min(steps[i - 1][j] + 1, steps[i][j - 1] + 1), steps[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, steps[i - 2][j - 2] + 1);
        }
        steps[i][j] = least;
      }
    }
    return steps[a.length()][b.length()];
  }
}
