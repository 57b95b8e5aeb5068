// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ParityContract;

final class SpringParityTests extends ParityContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return SpringGatewayContractTests.host(setup);
  }

  /** Reactor Netty makes a {@code java.net.URI} of every target. */
  @Override
  protected boolean takesUrisOnly() {
    return true;
  }
}
