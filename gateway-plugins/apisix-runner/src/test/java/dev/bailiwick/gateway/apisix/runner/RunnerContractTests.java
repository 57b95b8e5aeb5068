// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ProxyingGatewayContract;
import java.util.function.UnaryOperator;

/** The contract on our runner, with routes as they are printed. */
final class RunnerContractTests extends ProxyingGatewayContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return RunnerHost.start(setup, UnaryOperator.identity());
  }
}
