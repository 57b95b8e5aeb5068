// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.contract.apisix.AnnouncedBodyContract;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
final class RunnerBodyTests extends AnnouncedBodyContract {
  private WireBed wire;

  @BeforeAll
  void start(@TempDir Path directory) {
    wire = new WireBed(directory);
  }

  @AfterAll
  void stop() {
    wire.close();
  }

  @Override
  protected ExtPluginClient client() {
    return wire.client();
  }

  @Override
  protected GatewayTestBed bed() {
    return wire.bed();
  }
}
