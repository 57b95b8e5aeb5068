// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints why the gateway does not start, without a stack trace. */
final class GatewayStartFailureAnalyzer extends AbstractFailureAnalyzer<GatewayStartException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, GatewayStartException cause) {
    return new FailureAnalysis(
        "Bailiwick does not let this gateway start:\n\n" + cause.getMessage(),
        "Correct each line above and start again.",
        cause);
  }
}
