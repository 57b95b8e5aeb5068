// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts a SaaS simulator, to develop and test against. */
@Command(name = "simulate", description = "Start a SaaS simulator on loopback.")
final class SimulateCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  SimulateCommand() {}

  @Command(
      name = "servicenow",
      description = "A ServiceNow instance: token endpoint and Table API, with state.",
      mixinStandardHelpOptions = true)
  int servicenow(
      @Option(
              names = "--port",
              defaultValue = "0",
              description = "Port on 127.0.0.1; 0 takes a free one.")
          int port)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (ServiceNowSimulator simulator = new ServiceNowSimulator(port).start()) {
      out.println("ServiceNow simulator at " + simulator.origin() + " (stop with Ctrl-C)");
      out.println("  token endpoint " + simulator.tokenEndpoint());
      out.println("  client id " + simulator.clientId() + ", user " + simulator.username());
      out.println("  its passwords are fixtures; see the simulator's documentation");
      out.flush();
      new CountDownLatch(1).await();
    }
    return 0;
  }
}
