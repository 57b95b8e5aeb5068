// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import dev.bailiwick.connector.servicenow.ServiceNowAdapter;
import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ParityContract;

/** The published runner with our filter in it says what the core says, request by request. */
final class StockRunnerParityTests extends ParityContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return StockRunnerHost.start(setup);
  }

  @Override
  protected Class<?> beside() {
    return ServiceNowAdapter.class;
  }
}
