// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A principal, an actor below it, or a sandbox that no call could be matched with. */
final class TraceBranch {

  private final Optional<AuditRecord.Actor> who;
  private final String label;
  private final Map<Object, TraceBranch> branches = new LinkedHashMap<>();
  private final List<TraceStep> steps = new ArrayList<>();

  private TraceBranch(Optional<AuditRecord.Actor> who, String label) {
    this.who = who;
    this.label = label;
  }

  /**
   * Puts steps, which are in the order of time, below those who asked for them. What was seen in a
   * sandbox goes to the agent of that name that called last before it, or else first after it.
   */
  static List<TraceBranch> grow(List<TraceStep> steps) {
    TraceBranch root = new TraceBranch(Optional.empty(), "");
    Map<String, TraceBranch> callers = new HashMap<>();
    Map<String, String> agents = new HashMap<>();
    for (TraceStep step : steps) {
      step.caller().ifPresent(caller -> callers.putIfAbsent(caller.subject(), root.below(step)));
      step.agent().ifPresent(agent -> agents.put(step.text("sandbox"), agent));
    }
    for (TraceStep step : steps) {
      if (step.principal().isPresent()) {
        TraceBranch branch = root.below(step);
        branch.steps.add(step);
        step.caller().ifPresent(caller -> callers.put(caller.subject(), branch));
      } else {
        String agent = agents.getOrDefault(step.text("sandbox"), "");
        TraceBranch caller = callers.get(agent);
        (caller != null ? caller : root.unmatched(step.text("sandbox"), agent)).steps.add(step);
      }
    }
    return List.copyOf(root.branches.values());
  }

  private TraceBranch below(TraceStep step) {
    TraceBranch branch = child(step.principal().orElseThrow());
    for (AuditRecord.Actor actor : step.actors().reversed()) {
      branch = branch.child(actor);
    }
    return branch;
  }

  private TraceBranch child(AuditRecord.Actor actor) {
    boolean foreign = who.isEmpty() || !who.get().issuer().equals(actor.issuer());
    String name = actor.subject() + (foreign ? "  (" + actor.issuer() + ")" : "");
    return branches.computeIfAbsent(actor, key -> new TraceBranch(Optional.of(actor), name));
  }

  private TraceBranch unmatched(String sandbox, String agent) {
    String name =
        sandbox.isEmpty()
            ? "nobody that is recorded"
            : "sandbox " + sandbox + (agent.isEmpty() ? "" : "  (agent " + agent + ")");
    return branches.computeIfAbsent(name, key -> new TraceBranch(Optional.empty(), name));
  }

  /** Whose branch it is; empty for a sandbox. */
  Optional<AuditRecord.Actor> who() {
    return who;
  }

  String label() {
    return label;
  }

  List<TraceBranch> branches() {
    return List.copyOf(branches.values());
  }

  List<TraceStep> steps() {
    return List.copyOf(steps);
  }
}
