// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ProxyingGatewayContract;

/** The published runner with our filter in it, behind APISIX as the wire client plays it. */
final class StockRunnerContractTests extends ProxyingGatewayContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return StockRunnerHost.start(setup);
  }
}
