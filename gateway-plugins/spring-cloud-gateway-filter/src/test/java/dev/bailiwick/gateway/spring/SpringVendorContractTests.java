// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.SendingVendorContract;
import org.junit.jupiter.api.extension.ExtendWith;

/** Salesforce and Workday in trouble, behind the application that is shipped. */
@ExtendWith({NoBufferLeaks.class, NoBlockingCalls.class})
final class SpringVendorContractTests extends SendingVendorContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return SpringGatewayContractTests.host(setup);
  }
}
