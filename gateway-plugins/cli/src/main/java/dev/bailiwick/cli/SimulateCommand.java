// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.StubFile;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts a SaaS simulator, to develop and test against. */
@Command(name = "simulate", description = "Start a SaaS simulator on loopback.")
final class SimulateCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  SimulateCommand() {}

  /** What every simulator takes. */
  static final class Options {
    @Option(
        names = "--port",
        defaultValue = "0",
        description = "Port on 127.0.0.1; 0 takes a free one.")
    Port port;

    @Option(
        names = "--mappings",
        paramLabel = "DIR",
        description = "Write the situations as WireMock mappings into a directory, and end.")
    @Nullable Path mappings;

    @SuppressWarnings("NullAway.Init") // picocli sets the fields
    Options() {}
  }

  @Command(
      name = "servicenow",
      description =
          "A ServiceNow instance: tables, statistics, attachments, imports, catalog, batches.",
      mixinStandardHelpOptions = true)
  int servicenow(@Mixin Options options) throws IOException, InterruptedException {
    if (options.mappings != null) {
      return write(dev.bailiwick.simulator.servicenow.Situation.class, options.mappings);
    }
    try (ServiceNowSimulator instance = new ServiceNowSimulator(options.port.number())) {
      return run(
          instance,
          "ServiceNow",
          List.of(
              "tables          /api/now/table/incident",
              "and             /api/now/{stats,attachment,import,batch}, /api/sn_sc/servicecatalog",
              "client id       " + instance.clientId(),
              "user            " + instance.username()));
    }
  }

  @Command(
      name = "salesforce",
      description =
          "A Salesforce org: records, SOQL, SOSL, compound requests, Bulk API 2.0, GraphQL.",
      mixinStandardHelpOptions = true)
  int salesforce(@Mixin Options options) throws IOException, InterruptedException {
    if (options.mappings != null) {
      return write(dev.bailiwick.simulator.salesforce.Situation.class, options.mappings);
    }
    try (SalesforceSimulator org = new SalesforceSimulator(options.port.number())) {
      return run(
          org,
          "Salesforce",
          List.of(
              "queries         /services/data/v66.0/query?q=SELECT+Id,Name+FROM+Account",
              "and             /services/data/v66.0/{sobjects,search,composite,jobs,graphql}",
              "client id       " + org.clientId(),
              "user            " + org.username()));
    }
  }

  @Command(
      name = "workday",
      description = "A Workday tenant: REST, WQL, reports, SOAP.",
      mixinStandardHelpOptions = true)
  int workday(@Mixin Options options) throws IOException, InterruptedException {
    if (options.mappings != null) {
      return write(dev.bailiwick.simulator.workday.Situation.class, options.mappings);
    }
    try (WorkdaySimulator tenant = new WorkdaySimulator(options.port.number())) {
      return run(
          tenant,
          "Workday",
          List.of(
              "workers         /ccx/api/v1/acme/workers",
              "WQL             /ccx/api/wql/v1/acme/data?query=SELECT+fullName+FROM+allWorkers",
              "report          /ccx/service/customreport2/acme/isu_reports/Headcount?format=json",
              "SOAP            /ccx/service/acme/Human_Resources/v42.0",
              "client id       " + tenant.clientId(),
              "user            " + tenant.username() + "@" + tenant.tenant()));
    }
  }

  private int run(Simulator simulator, String vendor, List<String> lines)
      throws InterruptedException {
    var unused = simulator.start();
    PrintWriter out = spec.commandLine().getOut();
    out.println(vendor + " simulator at " + simulator.origin() + " (stop with Ctrl-C)");
    out.println("  token endpoint  " + simulator.tokenEndpoint().getPath());
    lines.forEach(line -> out.println("  " + line));
    out.println("  passwords       fixtures; see the simulator's documentation");
    out.println("  requests so far curl " + simulator.origin() + "/__admin/requests");
    out.println(
        "  trouble         bailiwick simulate "
            + vendor.toLowerCase(Locale.ROOT)
            + " --mappings DIR, then");
    out.println(
        "                  curl -d @DIR/rate-limited.json "
            + simulator.origin()
            + "/__admin/mappings");
    out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  /** The files are plain WireMock mappings: any WireMock takes them. */
  private <E extends Enum<E>> int write(Class<E> situations, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (E situation : situations.getEnumConstants()) {
      Files.writeString(
          directory.resolve(StubFile.name(situation.name())),
          StubFile.read(situations, situation.name()));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(situations.getEnumConstants().length + " mappings written to " + directory);
    out.flush();
    return 0;
  }
}
