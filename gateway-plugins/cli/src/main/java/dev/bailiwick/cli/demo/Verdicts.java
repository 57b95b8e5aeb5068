// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import dev.bailiwick.cli.demo.AgentReport.Step;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Holds what happened against what was expected. */
final class Verdicts {
  private final Outcomes outcomes;
  private final PrintWriter out;
  private final Tool tool;
  private final ServiceNowSimulator servicenow;
  private final SalesforceSimulator salesforce;
  private final Canary canary;
  private final Path directory;
  private final String task;

  Verdicts(
      PrintWriter out,
      Tool tool,
      ServiceNowSimulator servicenow,
      SalesforceSimulator salesforce,
      Canary canary,
      Path directory,
      String task) {
    this.outcomes = new Outcomes(out);
    this.out = out;
    this.tool = tool;
    this.servicenow = servicenow;
    this.salesforce = salesforce;
    this.canary = canary;
    this.directory = directory;
    this.task = task;
  }

  boolean judge(AgentReport report, Tool.Ended agent) throws IOException, InterruptedException {
    work(report);
    overreach(report);
    aroundTheGateway(report);
    exitStatus(agent);
    evidence();
    return outcomes.close();
  }

  private void work(AgentReport report) throws IOException {
    outcomes.section("The agent does its job");
    Step read = report.step("read");
    outcomes.expect(
        "an incident is read through the gateway",
        read.is("200") && read.said().contains("INC0010001"),
        read.toString());
    String token = Files.readString(directory.resolve("workspace/token"));
    List<SeenRequest> seen = servicenow.apiRequests();
    outcomes.expect(
        "ServiceNow saw the stored credential, and nothing of the agent's token",
        seen.size() == 1
            && seen.getFirst().headers().first("authorization").orElse("").startsWith("Bearer ")
            && !servicenow.saw(token)
            && !servicenow.saw("DPoP"),
        seen.size() + " API request, with: " + String.join(", ", headerNames(seen)));
    Step workers = report.step("workers");
    outcomes.expect(
        "workers are read from Workday through the gateway, and their links lead back to it",
        workers.is("200")
            && workers.said().contains("Mara Stone")
            && workers.said().contains("/workday/ccx/api/v1/acme/workers/"),
        workers.toString());
  }

  private static List<String> headerNames(List<SeenRequest> seen) {
    return seen.stream()
        .flatMap(request -> request.headers().fields().stream())
        .map(Headers.Field::name)
        .distinct()
        .sorted()
        .toList();
  }

  private void overreach(AgentReport report) {
    outcomes.section("The gateway denies the rest");
    denied(
        report,
        "update",
        "403",
        "servicenow:table/incident:update",
        "an update names the scope that is missing");
    denied(report, "dotwalk", "403", "dotwalk/", "another table through a dotted field");
    denied(report, "other-table", "403", "servicenow:table/sys_user:read", "another table by name");
    denied(report, "path-game", "400", "MALFORMED_TARGET", "another table through an encoded path");
    denied(
        report,
        "composite",
        "403",
        "compositeRequest[2]",
        "three Salesforce calls in one, of which the third reads users");
    outcomes.expect(
        "of those three, not even the first two reached Salesforce",
        salesforce.requests().isEmpty() && salesforce.touches().isEmpty(),
        salesforce.requests().size() + " requests");
    denied(report, "stolen", "401", "PROOF_", "the stolen token with another proof key");
  }

  private void denied(
      AgentReport report, String step, String status, String text, String expected) {
    Step seen = report.step(step);
    outcomes.expect(
        expected + ": denied", seen.is(status) && seen.said().contains(text), seen.toString());
  }

  private void aroundTheGateway(AgentReport report) throws IOException {
    outcomes.section("The kernel denies the ways around it");
    Step direct = report.step("direct");
    outcomes.expect(
        "a direct connection to ServiceNow: denied",
        direct.is("7") && servicenow.apiRequests().size() == 1,
        direct.toString());
    Optional<String> heard = canary.heard();
    Step udp = report.step("udp");
    outcomes.expect(
        "data out over UDP: denied, and the canary heard nothing",
        udp.failed() && heard.isEmpty(),
        udp + heard.map(what -> "; the canary heard " + what).orElse(""));
    Step dns = report.step("dns");
    outcomes.expect("data out over DNS: denied", dns.failed(), dns.toString());
    Step vault = report.step("vault");
    outcomes.expect(
        "the vault file: denied",
        vault.is("1") && vault.said().contains("Permission denied"),
        vault.toString());
    Step escape = report.step("escape");
    outcomes.expect("leaving the cgroup: denied", escape.failed(), escape.toString());
  }

  private void exitStatus(Tool.Ended agent) {
    outcomes.expect(
        "the agent's exit status comes through",
        agent.status() == 7,
        "exit status "
            + agent.status()
            + (agent.err().isBlank() ? "" : "\n" + agent.err().strip()));
  }

  private void evidence() throws IOException, InterruptedException {
    outcomes.section("The evidence");
    String audit = directory.resolve("audit").toString();
    Tool.Ended trace = tool.run("trace", "audit", "trace", task, "--dir", audit);
    outcomes.expect(
        "one task, with gateway decisions and kernel denials side by side",
        trace.status() == 0
            && trace.out().contains("alice")
            && trace.out().contains("SCOPE_NOT_GRANTED")
            && trace.out().contains("PROOF_MISMATCH")
            && trace.out().contains("tcp " + servicenow.origin().getAuthority())
            && trace.out().contains("udp 127.0.0.1:" + canary.port())
            && trace.out().contains("udp 192.0.2.53:53"),
        trace.said());
    Tool.Ended whole = tool.run("verify", "audit", "verify", audit);
    outcomes.expect("the trail verifies", whole.status() == 0, whole.said());
    Tool.Ended changed = tool.run("verify-copy", "audit", "verify", changedCopy().toString());
    outcomes.expect("a copy with one byte changed does not", changed.status() == 1, changed.said());
    out.flush();
  }

  /** A copy of the trail in which one character of one record is another one. */
  private Path changedCopy() throws IOException {
    Path from = directory.resolve("audit");
    Path to = directory.resolve("audit-copy");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
    try (Stream<Path> files = Files.walk(to)) {
      Path victim =
          files
              .filter(file -> file.toString().endsWith(".jsonl"))
              .sorted()
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(victim);
      bytes[bytes.length / 2] ^= 1;
      Files.write(victim, bytes);
    }
    return to;
  }
}
