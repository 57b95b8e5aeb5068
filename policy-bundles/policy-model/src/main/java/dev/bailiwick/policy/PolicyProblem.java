// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

/**
 * One thing that is wrong with a bundle.
 *
 * @param file the bundle's file name
 * @param line from 1; 0 when the problem has no place
 * @param column from 1; 0 when the problem has no place
 * @param path where in the document, such as {@code agents.triage-agent.ceiling[0]}
 * @param sentence what was found and what was expected
 */
public record PolicyProblem(String file, int line, int column, String path, String sentence) {

  /** {@code file:line:column: path: sentence}, as compilers print it. */
  @Override
  public String toString() {
    String place = line > 0 ? file + ":" + line + ":" + column : file;
    return place + ": " + (path.isEmpty() ? "" : path + ": ") + sentence;
  }
}
