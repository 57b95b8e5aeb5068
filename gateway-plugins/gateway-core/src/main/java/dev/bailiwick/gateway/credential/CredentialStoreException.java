// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import org.jspecify.annotations.Nullable;

/**
 * A credential store that cannot do what it was asked. The message is a sentence for people and
 * never holds a secret.
 */
public final class CredentialStoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, for code. */
  public enum Problem {
    /** There is no store at that place. */
    ABSENT(false),
    /** A store is already there and is not overwritten. */
    PRESENT(false),
    /** The store is cut, changed or not a store at all. */
    DAMAGED(false),
    /** The store was written by a version that this one does not understand. */
    FORMAT(false),
    /** The key, environment variable or passphrase cannot be used at all. */
    KEY(false),
    /** The key is usable but is not the key of this store. */
    WRONG_KEY(false),
    /** Another process holds the store. */
    BUSY(true),
    /** Reading or writing failed: permission, full disk, unreachable. */
    STORAGE(true);

    private final boolean retryable;

    Problem(boolean retryable) {
      this.retryable = retryable;
    }
  }

  private final Problem problem;

  public CredentialStoreException(Problem problem, String sentence) {
    this(problem, sentence, null);
  }

  public CredentialStoreException(Problem problem, String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  public boolean retryable() {
    return problem.retryable;
  }
}
