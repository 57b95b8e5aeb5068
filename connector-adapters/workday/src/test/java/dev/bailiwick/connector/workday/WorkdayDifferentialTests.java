// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.DifferentialContract;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.Touch;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulatorExtension;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

class WorkdayDifferentialTests extends DifferentialContract {
  private static final String WORKER = "0e44c92412d34b01ace61e80a47aaf6d";
  private static final List<String> FIELDS =
      List.of(
          "fullName",
          "location",
          "annualSalary",
          "manager{email}",
          "manager{fullName, manager{phone}}",
          "businessTitle");

  /** REST operations are named by functional area and path; the simulator knows the path only. */
  private static final Set<String> OTHER_FAMILIES = Set.of("wql", "wql-related", "raas", "soap");

  @RegisterExtension final WorkdaySimulatorExtension workday = new WorkdaySimulatorExtension();

  private WorkdaySimulator tenant;
  private Connector connector;

  @BeforeEach
  void connect() {
    tenant = workday.get();
    connector =
        new WorkdayAdapter()
            .connect(
                new ConnectorSettings(
                    "workday",
                    tenant.origin(),
                    URI.create("https://gateway.acme.example/workday"),
                    Map.of("tenant", tenant.tenant())));
  }

  @Override
  protected Simulator simulator() {
    return tenant;
  }

  @Override
  protected Connector connector() {
    return connector;
  }

  @Override
  protected Credential credential() {
    return new Credential.BasicPair(tenant.username(), Secret.of(tenant.password()));
  }

  @Override
  protected Stream<RequestCase> corpus() {
    return WorkdayCorpusTests.corpus();
  }

  @Override
  protected boolean speaksOf(Operation operation, Touch touch) {
    boolean family =
        touch.family().equals("rest")
            ? !OTHER_FAMILIES.contains(operation.family())
            : operation.family().equals(touch.family());
    return family && operation.object().equals(touch.object());
  }

  /** The scope of a long path names every step of it: {@code allWorkers.manager.manager}. */
  @Override
  protected boolean names(Operation operation, Touch touch) {
    return super.names(operation, touch)
        || (operation.family().equals("wql-related")
            && touch.family().startsWith("wql")
            && touch.action() == Action.READ
            && (operation.object() + ".")
                .startsWith(
                    touch.object() + "." + (touch.field().isEmpty() ? "" : touch.field() + ".")));
  }

  @Override
  protected Generated generate(Random random) {
    String worker = "/ccx/api/v1/acme/workers/" + WORKER;
    String wql = wql(random);
    return switch (random.nextInt(8)) {
      case 0, 1 ->
          Generated.get(
              "/ccx/api/wql/v1/acme/data?query=" + URLEncoder.encode(wql, StandardCharsets.UTF_8));
      case 2 -> Generated.json("POST", "/ccx/api/wql/v1/acme/data", "{\"query\":\"" + wql + "\"}");
      case 3 ->
          Generated.get(
              oneOf(
                  random,
                  List.of(
                      "/ccx/api/v1/acme/workers?search=o&limit=2",
                      worker,
                      worker + "/directReports",
                      worker + "/paySlips",
                      worker + "/timeOffEntries?limit=1&offset=0",
                      worker + "/history",
                      "/ccx/api/v1/other/workers")));
      case 4 ->
          Generated.json(
              "POST", worker + "/businessTitleChanges", "{\"proposedBusinessTitle\":\"x\"}");
      case 5 ->
          Generated.get(
              "/ccx/service/customreport2/acme/isu_reports/"
                  + oneOf(
                      random, List.of("Headcount?Location=Oslo", "Salaries?format=csv", "None")));
      default ->
          new Generated(
              "POST", "/ccx/service/acme/Human_Resources/v42.0", "text/xml", soap(random));
    };
  }

  private static String wql(Random random) {
    String query =
        (random.nextInt(10) == 0 ? "PARAMETERS effectiveDate = '2026-01-01' " : "")
            + "SELECT "
            + (random.nextInt(5) == 0 ? "DISTINCT " : "")
            + IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> oneOf(random, FIELDS))
                .collect(Collectors.joining(", "))
            + " FROM "
            + oneOf(
                random,
                List.of(
                    "allWorkers",
                    "allWorkers(dataSourceFilter = active)",
                    "allSupervisoryOrganizations"));
    if (random.nextBoolean()) {
      query += " WHERE " + condition(random, 2);
    }
    if (random.nextInt(3) == 0) {
      query += " ORDER BY " + oneOf(random, List.of("fullName DESC", "manager{email}", "location"));
    }
    return query + oneOf(random, List.of("", " LIMIT 2", " FROM allWorkers", "; SELECT x"));
  }

  private static String condition(Random random, int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      return "("
          + condition(random, depth - 1)
          + oneOf(random, List.of(" AND ", " OR "))
          + condition(random, depth - 1)
          + ")";
    }
    return oneOf(random, List.of("", "NOT "))
        + oneOf(
            random, List.of("fullName", "location", "manager{fullName}", "manager{manager{email}}"))
        + oneOf(
            random,
            List.of(" = 'Oslo'", " IN ('a', 'b')", " IS EMPTY", " != 'x'", " startswith 'M'"));
  }

  private static String soap(Random random) {
    String operation =
        oneOf(
            random,
            List.of(
                "<b:Get_Workers_Request/>",
                "<b:Get_Organizations_Request><b:X>1</b:X></b:Get_Organizations_Request>",
                "<b:Put_Applicant_Request><b:Applicant_Data>x</b:Applicant_Data></b:Put_Applicant_Request>",
                "<b:Put_Job_Family_Request><b:Job_Family_Data b:Delete=\"true\"/></b:Put_Job_Family_Request>",
                "<b:Terminate_Employee_Request/>"));
    String second = random.nextInt(6) == 0 ? "<b:Terminate_Employee_Request/>" : "";
    return "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:b=\"urn:com.workday/bsvc\"><s:Body>"
        + operation
        + second
        + "</s:Body></s:Envelope>";
  }

  private static <T> T oneOf(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
