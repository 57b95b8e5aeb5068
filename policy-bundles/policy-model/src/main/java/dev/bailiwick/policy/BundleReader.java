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
  @SuppressWarnings("DoNotCallSuggester")
  public static Bundle read(Path file) throws PolicyException {
    throw new PolicyException(List.of(new PolicyProblem(file.toString(), 0, 0, "", "unread")));
  }

  /**
   * Reads a bundle from text.
   *
   * @param fileName what problems name as the file
   * @throws PolicyException with every problem, each with file and line
   */
  @SuppressWarnings("DoNotCallSuggester")
  public static Bundle read(String text, String fileName) throws PolicyException {
    throw new PolicyException(List.of(new PolicyProblem(fileName, 0, 0, "", "unread")));
  }
}
