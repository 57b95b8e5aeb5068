// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

/** Why nothing was started, as a sentence for the person who asked. Carries no stack trace. */
public final class SandboxException extends Exception {
  private static final long serialVersionUID = 1L;

  public SandboxException(String sentence) {
    super(sentence, null, false, false);
  }
}
