// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a daemon enforces at this moment, asked of the kernel and not of its memory.
 *
 * @param problem why it cannot be relied upon, if it cannot
 */
record EnforcerReport(
    Optional<String> problem,
    String policy,
    String bundle,
    List<String> enforced,
    List<String> missing,
    List<NetworkFilter.Program> programs,
    boolean countsRuns,
    boolean readsAudit,
    List<Sandbox> sandboxes,
    int destinations,
    long started,
    long refused,
    long denials,
    long counted,
    int repinned,
    int revokedTasks) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Of the sandboxes, so that the answer is one that {@link EnforcerClient} reads. */
  private static final int MOST_BYTES = Message.MAX_BYTES * 3 / 4;

  private static final int COMMAND_CHARACTERS = 256;

  /** One that runs. */
  record Sandbox(
      int uid,
      long cgroup,
      String sandbox,
      Optional<String> agent,
      Optional<String> task,
      String command,
      boolean revoked) {
    static Sandbox of(LiveSandbox live) {
      LiveSandbox.Identity identity = live.identity();
      return new Sandbox(
          identity.uid(),
          identity.cgroup(),
          identity.sandbox(),
          identity.agent(),
          identity.task(),
          cut(identity.command()),
          live.isRevoked());
    }

    private static String cut(String command) {
      return command.length() <= COMMAND_CHARACTERS
          ? command
          : command.substring(0, COMMAND_CHARACTERS) + "...";
    }
  }

  String json() {
    ObjectNode root = JSON.createObjectNode();
    root.put("healthy", problem.isEmpty());
    problem.ifPresent(text -> root.put("problem", text));
    root.put("policy", policy);
    root.put("bundle", bundle);
    enforced.forEach(root.putArray("enforced")::add);
    missing.forEach(root.putArray("missing")::add);
    ArrayNode programNodes = root.putArray("programs");
    for (NetworkFilter.Program program : programs) {
      ObjectNode node = programNodes.addObject();
      node.put("name", program.name());
      node.put("attached", program.attached());
      if (countsRuns) {
        node.put("runs", program.runs());
        node.put("nanoseconds", program.nanoseconds());
      }
    }
    ArrayNode sandboxNodes = root.putArray("sandboxes");
    int room = MOST_BYTES;
    int notListed = 0;
    for (Sandbox sandbox : sandboxes) {
      ObjectNode node = JSON.createObjectNode();
      node.put("uid", sandbox.uid());
      node.put("cgroup", sandbox.cgroup());
      node.put("sandbox", sandbox.sandbox());
      sandbox.agent().ifPresent(agent -> node.put("agent", agent));
      sandbox.task().ifPresent(task -> node.put("task", task));
      node.put("command", sandbox.command());
      node.put("revoked", sandbox.revoked());
      room -= node.toString().getBytes(UTF_8).length;
      if (room > 0) {
        sandboxNodes.add(node);
      } else {
        notListed++;
      }
    }
    if (notListed > 0) {
      root.put("sandboxesNotListed", notListed);
    }
    ObjectNode counters = root.putObject("counters");
    counters.put("sandboxesStarted", started);
    counters.put("launchesRefused", refused);
    counters.put("denials", denials);
    counters.put("denialsOnlyCounted", counted);
    counters.put("destinations", destinations);
    counters.put("pinsMadeAgain", repinned);
    counters.put("tasksRevoked", revokedTasks);
    counters.put(
        "heapBytes", Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    return root.toString();
  }
}
