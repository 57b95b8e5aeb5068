// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.apisix.ApisixRoute;
import dev.bailiwick.contract.gateway.AnsweringGatewayContract;
import dev.bailiwick.contract.gateway.GatewayHost;

/** The contract on routes that opted into the response phase: the core sees every answer. */
final class ResponsePhaseContractTests extends AnsweringGatewayContract {

  @Override
  protected boolean behindNginx() {
    return true;
  }

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return RunnerHost.start(setup, ApisixRoute::withResponsePhase);
  }
}
