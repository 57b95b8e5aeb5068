// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

/** Why a runner does not start, in sentences for its operator. */
public final class RunnerStartException extends RuntimeException {
  public RunnerStartException(String sentence) {
    super(sentence, null, false, false);
  }
}
