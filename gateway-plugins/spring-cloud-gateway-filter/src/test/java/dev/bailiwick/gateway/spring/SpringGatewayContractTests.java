// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.SendingGatewayContract;
import dev.bailiwick.gateway.credential.VaultKey;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract on Spring Cloud Gateway, as the application that is shipped, core and all. */
@ExtendWith({NoBufferLeaks.class, NoBlockingCalls.class})
final class SpringGatewayContractTests extends SendingGatewayContract {

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return host(setup);
  }

  static GatewayHost host(GatewayHost.Setup setup) {
    GatewayApplication application =
        GatewayApplication.start(
            GatewayApplication.Settings.loopback(
                setup.bundle(),
                setup.vault(),
                VaultKey.ofFile(setup.vaultKey()),
                setup.audit(),
                0));
    return new GatewayHost() {
      @Override
      public int port() {
        return application.uri().getPort();
      }

      @Override
      public void close() {
        application.close();
      }
    };
  }
}
