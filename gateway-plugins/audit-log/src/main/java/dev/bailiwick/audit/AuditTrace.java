// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who asked whom to do what in one task: the records of all writers, in the order of time.
 * Immutable.
 *
 * <p>Reads line by line and keeps only the records that name the task. It does not prove that the
 * trail is whole; {@link AuditVerifier} does.
 */
public final class AuditTrace {

  private static final Comparator<TraceStep> ORDER =
      Comparator.comparing(TraceStep::time)
          .thenComparing(TraceStep::writer)
          .thenComparingLong(TraceStep::sequence);

  private final String task;
  private final List<TraceStep> steps;
  private final long damagedLines;

  private AuditTrace(String task, List<TraceStep> steps, long damagedLines) {
    this.task = task;
    this.steps = steps;
    this.damagedLines = damagedLines;
  }

  /**
   * Collects what all writers below a directory recorded of a task.
   *
   * @param task the token claim {@code txn}
   * @throws AuditException if the directory cannot be read
   */
  public static AuditTrace of(Path directory, String task) {
    byte[] wanted = RecordEncoder.member("task", task);
    List<TraceStep> found = new ArrayList<>();
    long damaged = 0;
    try {
      for (String writer : WriterFiles.writers(directory)) {
        WriterFiles files = new WriterFiles(directory, writer);
        if (Files.isDirectory(files.directory())) {
          for (int segment : files.segments()) {
            damaged += collect(files.segment(segment), wanted, found);
          }
        }
      }
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail in "
              + directory
              + " cannot be read ("
              + SafeText.reason(e)
              + "): name its directory, and run this as the user that owns it.",
          e);
    }
    found.sort(ORDER);
    return new AuditTrace(task, joinAnswers(found), damaged);
  }

  /** Adds what matches to {@code found}; returns how many matching lines are damaged. */
  private static long collect(Path segment, byte[] wanted, List<TraceStep> found)
      throws IOException {
    long damaged = 0;
    try (LineReader lines = new LineReader(WriterFiles.open(segment, StandardOpenOption.READ), 0)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        if (contains(line, wanted)) {
          var read = SealedLine.read(line);
          read.map(TraceStep::of).ifPresent(found::add);
          damaged += read.isEmpty() ? 1 : 0;
        }
      }
    }
    return damaged;
  }

  private static boolean contains(byte[] line, byte[] wanted) {
    for (int from = 0; from <= line.length - wanted.length; from++) {
      int i = 0;
      while (i < wanted.length && line[from + i] == wanted[i]) {
        i++;
      }
      if (i == wanted.length) {
        return true;
      }
    }
    return false;
  }

  /** The answer to a write has a record of its own; a reader wants it beside the decision. */
  private static List<TraceStep> joinAnswers(List<TraceStep> all) {
    Map<String, TraceStep> decisions = new HashMap<>();
    List<TraceStep> joined = new ArrayList<>();
    for (TraceStep step : all) {
      if (step.is(TraceStep.DECISION) && step.isAllowed()) {
        decisions.put(step.correlationId(), step);
      }
      TraceStep decision = step.is(TraceStep.ANSWER) ? decisions.get(step.correlationId()) : null;
      if (decision == null) {
        joined.add(step);
      } else {
        decision.answeredBy(step);
      }
    }
    return List.copyOf(joined);
  }

  /** Whether no record names the task. */
  public boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * A tree for people: principal, actor chain, and below each caller its calls and what the kernel
   * denied it, side by side. Plain text without terminal codes, times in UTC; control characters in
   * recorded strings are escaped.
   */
  public String toText() {
    return TraceText.draw(this);
  }

  /** The same tree as indented JSON. */
  public String toJson() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("task", task);
    json.put("allowed", count(step -> step.is(TraceStep.DECISION) && step.isAllowed()));
    json.put("denied", count(step -> step.is(TraceStep.DECISION) && !step.isAllowed()));
    json.put("kernel_denials", count(step -> step.is(TraceStep.DENIAL)));
    json.put("events_lost", eventsLost());
    json.put("damaged_lines", damagedLines);
    ArrayNode branches = json.putArray("branches");
    TraceBranch.grow(steps).forEach(branch -> branches.add(toJson(branch)));
    return RecordEncoder.pretty(json);
  }

  private static ObjectNode toJson(TraceBranch branch) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    branch
        .who()
        .ifPresentOrElse(
            who -> {
              json.put("issuer", who.issuer());
              json.put("subject", who.subject());
            },
            () -> json.put("unmatched", branch.label()));
    ArrayNode steps = json.putArray("steps");
    branch.steps().forEach(step -> steps.add(step.view()));
    ArrayNode branches = json.putArray("branches");
    branch.branches().forEach(below -> branches.add(toJson(below)));
    return json;
  }

  String task() {
    return task;
  }

  /** In the order of time; an answer is part of the decision that it belongs to. */
  List<TraceStep> steps() {
    return steps;
  }

  long damagedLines() {
    return damagedLines;
  }

  long count(Predicate<TraceStep> which) {
    return steps.stream().filter(which).count();
  }

  long eventsLost() {
    return steps.stream().mapToLong(step -> step.view().path("lost").longValue(0)).sum();
  }
}
