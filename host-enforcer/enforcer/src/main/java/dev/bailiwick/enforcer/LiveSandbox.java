// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.enforcer.Message.Field;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A sandbox of the daemon: who runs in it, and how far it got. Thread-safe; the recorder belongs to
 * the thread that drains events.
 */
final class LiveSandbox {

  /**
   * What is written down, so that another daemon can take the sandbox up.
   *
   * @param cgroup the cgroup's number in the kernel
   * @param gateway where the gateway really is, when not where the bundle says
   * @param command the program, for people
   * @param ofCaller whether a caller's launcher looks after it, which outlives the daemon
   * @param caller uid of whoever asked for it
   * @param owner that launcher; absent where it cannot be seen
   */
  record Identity(
      int uid,
      long cgroup,
      String sandbox,
      Optional<String> task,
      Optional<String> agent,
      Optional<URI> gateway,
      Optional<Path> workspace,
      String command,
      boolean ofCaller,
      int caller,
      Optional<Owner> owner) {

    byte[] encode() {
      Message message =
          new Message()
              .put("uid", uid)
              .put("cgroup", cgroup)
              .put("sandbox", sandbox)
              .put("command", command)
              .put("supervisor", ofCaller ? "caller" : "enforcer")
              .put("caller", caller);
      owner.ifPresent(value -> message.put("owner", value.toString()));
      task.ifPresent(value -> message.put("task", value));
      agent.ifPresent(value -> message.put("agent", value));
      gateway.ifPresent(value -> message.put("gateway", value.toString()));
      workspace.ifPresent(value -> message.put("workspace", value.toString()));
      return message.end();
    }

    static Identity decode(byte[] content) throws SandboxException {
      Map<String, String> values = new HashMap<>();
      for (Field field : Message.parse(content)) {
        values.put(field.key(), field.text());
      }
      try {
        return new Identity(
            Integer.parseInt(values.getOrDefault("uid", "")),
            Long.parseLong(values.getOrDefault("cgroup", "")),
            values.getOrDefault("sandbox", ""),
            Optional.ofNullable(values.get("task")),
            Optional.ofNullable(values.get("agent")),
            Optional.ofNullable(values.get("gateway")).map(URI::create),
            Optional.ofNullable(values.get("workspace")).map(Path::of),
            values.getOrDefault("command", ""),
            values.getOrDefault("supervisor", "").equals("caller"),
            Integer.parseInt(values.getOrDefault("caller", "0")),
            Optional.ofNullable(values.get("owner")).map(Owner::parse));
      } catch (IllegalArgumentException e) {
        throw new SandboxException("what was written down about a sandbox makes no sense");
      }
    }
  }

  private final Identity identity;
  private final DenialRecorder recorder;
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile boolean recorded;
  private volatile boolean revoked;
  private volatile boolean killed;
  private volatile boolean adopted;

  /** {@code kernelLost} of its denials were counted already, by a daemon before this one. */
  LiveSandbox(
      Identity identity, long kernelLost, AuditLog log, Clock clock, Runnable onLostEvidence) {
    this.identity = identity;
    this.recorder =
        new DenialRecorder(
            identity.sandbox(),
            identity.task(),
            identity.agent(),
            kernelLost,
            log,
            clock,
            onLostEvidence);
  }

  Identity identity() {
    return identity;
  }

  DenialRecorder recorder() {
    return recorder;
  }

  PolicyBook.Key policyKey() {
    return new PolicyBook.Key(identity.sandbox(), identity.gateway());
  }

  /** True for the first who asks: it ends the sandbox. */
  boolean beginEnd() {
    return ending.compareAndSet(false, true);
  }

  boolean isEnding() {
    return ending.get();
  }

  /** Whether somebody looks after it; where that cannot be known, it is believed. */
  boolean hasLivingOwner() {
    return identity.ofCaller() && identity.owner().map(Owner::isAlive).orElse(true);
  }

  /** Its start is on its way into the trail, so its end must follow. */
  void markRecorded() {
    recorded = true;
  }

  boolean isRecorded() {
    return recorded;
  }

  /** It was started by a daemon before this one, so nobody will say when it ends. */
  void markAdopted() {
    adopted = true;
  }

  boolean isAdopted() {
    return adopted;
  }

  /** Its command must not be executed any more, even when it has no process yet. */
  void markKilled() {
    killed = true;
  }

  boolean isKilled() {
    return killed;
  }

  void revoke() {
    revoked = true;
  }

  boolean isRevoked() {
    return revoked;
  }
}
