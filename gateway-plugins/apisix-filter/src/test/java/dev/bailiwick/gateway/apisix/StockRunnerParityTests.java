// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ParityContract;
import java.util.List;

/** The published runner with our filter in it says what the core says, request by request. */
final class StockRunnerParityTests extends ParityContract {

  @Override
  protected List<Difference> differences() {
    return OF_APISIX;
  }

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return StockRunnerHost.start(setup);
  }

  @Override
  protected boolean speaksHttp2() {
    return true;
  }
}
