// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.gateway.GatewayHost;
import dev.bailiwick.contract.gateway.ParityContract;
import java.util.List;
import java.util.function.UnaryOperator;

final class RunnerParityTests extends ParityContract {

  @Override
  protected List<Difference> differences() {
    return OF_APISIX;
  }

  @Override
  protected GatewayHost start(GatewayHost.Setup setup) {
    return RunnerHost.start(setup, UnaryOperator.identity());
  }

  @Override
  protected boolean speaksHttp2() {
    return true;
  }
}
