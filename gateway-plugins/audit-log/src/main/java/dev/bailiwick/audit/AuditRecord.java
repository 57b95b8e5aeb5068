// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What is recorded. Records hold references to credentials, never their values. */
public sealed interface AuditRecord {

  Instant time();

  /** The task (token claim {@code txn}) that this belongs to, when it is known. */
  Optional<String> task();

  /** An actor of a delegation chain (RFC 8693 §4.1). */
  record Actor(String issuer, String subject) {}

  /**
   * Who asked, for whom and under which task, as the verified token says.
   *
   * @param principal {@code sub}: the human or service behind the agent
   * @param actors outermost (the caller) first
   * @param keyThumbprint thumbprint of the proof key (RFC 7638), absent for bearer tokens
   */
  record Caller(
      String issuer,
      String principal,
      List<Actor> actors,
      String task,
      String tokenId,
      Optional<String> parentTokenId,
      Optional<String> clientId,
      Optional<String> keyThumbprint) {
    public Caller {
      actors = List.copyOf(actors);
    }
  }

  /**
   * What the gateway decided about one request.
   *
   * @param correlationId also given to the agent with a denial
   * @param code {@code ALLOW} or the denial code
   * @param sentence why; names the rule
   * @param policy bundle name and version
   * @param caller absent when no token was verified
   * @param connector absent when no route was found
   * @param target canonical path, without the query; absent when it could not be parsed
   * @param operations scopes of every operation in the request
   * @param credential reference of the credential that was applied
   * @param upstreamStatus status of the answer; absent when nothing was sent or the answer follows
   *     as an {@link UpstreamAnswer}
   */
  record GatewayDecision(
      Instant time,
      String correlationId,
      boolean allowed,
      String code,
      String sentence,
      String policy,
      Optional<Caller> caller,
      Optional<String> connector,
      String method,
      Optional<String> target,
      List<String> operations,
      Optional<String> credential,
      OptionalInt upstreamStatus,
      String sourceAddress)
      implements AuditRecord {
    public GatewayDecision {
      operations = List.copyOf(operations);
    }

    @Override
    public Optional<String> task() {
      return caller.map(Caller::task);
    }
  }

  /**
   * How the upstream answered a write that was recorded before it was sent.
   *
   * @param upstreamStatus absent when no answer came
   */
  record UpstreamAnswer(
      Instant time,
      String correlationId,
      Optional<String> task,
      String connector,
      OptionalInt upstreamStatus,
      String sentence)
      implements AuditRecord {}

  /**
   * Something that the kernel denied to a sandbox.
   *
   * @param layer {@code cgroup-bpf}, {@code landlock}, {@code seccomp} or {@code bpf-lsm}
   * @param hook where in the kernel, such as {@code connect4}
   * @param destination what was asked for, such as {@code udp 198.51.100.7:53}
   */
  record KernelDenial(
      Instant time,
      Optional<String> task,
      String sandbox,
      Optional<String> agent,
      int pid,
      int uid,
      String command,
      String layer,
      String hook,
      String destination)
      implements AuditRecord {}

  /**
   * A sandbox that was started, with what is really enforced in it.
   *
   * @param task as whoever asked for the sandbox names it
   * @param uid of the sandbox
   * @param callerUid of whoever asked for it, as the kernel says
   */
  record SandboxStarted(
      Instant time,
      Optional<String> task,
      String sandbox,
      Optional<String> agent,
      int pid,
      int uid,
      int callerUid,
      String command,
      String policy,
      List<String> enforced,
      List<String> missing)
      implements AuditRecord {
    public SandboxStarted {
      enforced = List.copyOf(enforced);
      missing = List.copyOf(missing);
    }
  }

  /** A sandbox that ended. */
  record SandboxEnded(
      Instant time, Optional<String> task, String sandbox, Optional<String> agent, int exitStatus)
      implements AuditRecord {}

  /** Kernel events that could not be kept. A trail with gaps says so. */
  record EventsLost(Instant time, Optional<String> task, String sandbox, long count)
      implements AuditRecord {}

  /**
   * Something that happened to the trail itself. Only the log writes it.
   *
   * @param code such as {@code TAIL_KEPT_ASIDE}
   */
  record TrailNote(Instant time, String code, String sentence) implements AuditRecord {
    @Override
    public Optional<String> task() {
      return Optional.empty();
    }
  }
}
