// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Lets the runner end with the sentence instead of a stack trace. */
final class FilterStartFailureAnalyzer extends AbstractFailureAnalyzer<FilterStartException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, FilterStartException cause) {
    return new FailureAnalysis("Bailiwick: " + cause.getMessage(), null, cause);
  }
}
