// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.nio.file.Path;

/**
 * Reads, validates and compiles a policy bundle: text, then shape, then meaning. Every problem is
 * reported, not just the first. Thread-safe.
 */
public final class BundleReader {
  private static final SchemaCheck SCHEMA = SchemaCheck.resource("policy-bundle.schema.json");

  private BundleReader() {}

  /**
   * Reads a bundle file.
   *
   * @throws PolicyException with every problem, each with file and line
   */
  public static Bundle read(Path file) throws PolicyException {
    return read(SourceText.read(file), file.toString());
  }

  /**
   * Reads a bundle from text.
   *
   * @param fileName what problems name as the file
   * @throws PolicyException with every problem, each with file and line
   */
  public static Bundle read(String text, String fileName) throws PolicyException {
    Problems problems = new Problems(fileName);
    Located document = SourceText.parse(text, problems);
    problems.nextStep();
    SCHEMA.check(document, problems);
    problems.nextStep();
    return BundleCompiler.compile(document, problems);
  }
}
