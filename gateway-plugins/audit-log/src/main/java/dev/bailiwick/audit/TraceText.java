// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Draws a trace as a tree. Every recorded string is escaped on its way out. */
final class TraceText {

  private static final DateTimeFormatter DAY = format("yyyy-MM-dd");
  private static final DateTimeFormatter CLOCK = format("HH:mm:ss.SSS");
  private static final DateTimeFormatter DAY_AND_CLOCK = format("MM-dd HH:mm:ss.SSS");

  private final StringBuilder text = new StringBuilder();
  private final DateTimeFormatter stamp;

  private TraceText(DateTimeFormatter stamp) {
    this.stamp = stamp;
  }

  static String draw(AuditTrace trace) {
    List<TraceStep> steps = trace.steps();
    if (steps.isEmpty()) {
      return "No record names the task " + SafeText.escape(trace.task()) + ".\n" + footer(trace);
    }
    Instant first = steps.getFirst().time();
    Instant last = steps.getLast().time();
    boolean oneDay = DAY.format(first).equals(DAY.format(last));
    TraceText drawing = new TraceText(oneDay ? CLOCK : DAY_AND_CLOCK);
    drawing.line("Task " + SafeText.escape(trace.task()));
    drawing.line(
        DAY.format(first)
            + " "
            + CLOCK.format(first)
            + " to "
            + (oneDay ? "" : DAY.format(last) + " ")
            + CLOCK.format(last)
            + " UTC");
    drawing.line(counts(trace));
    for (TraceBranch branch : TraceBranch.grow(steps)) {
      drawing.line("");
      drawing.line(SafeText.escape(branch.label()));
      drawing.branch(branch, "");
    }
    return drawing.text + footer(trace);
  }

  private static String counts(AuditTrace trace) {
    List<String> parts = new ArrayList<>();
    long allowed = trace.count(step -> step.is(TraceStep.DECISION) && step.isAllowed());
    long denied = trace.count(step -> step.is(TraceStep.DECISION) && !step.isAllowed());
    parts.add(plural(allowed + denied, "call"));
    parts.add(allowed + " allowed");
    parts.add(denied + " denied");
    parts.add(plural(trace.count(step -> step.is(TraceStep.DENIAL)), "kernel denial"));
    if (trace.eventsLost() > 0) {
      parts.add(plural(trace.eventsLost(), "kernel event") + " lost");
    }
    return String.join(", ", parts);
  }

  private static String footer(AuditTrace trace) {
    long damaged = trace.damagedLines();
    if (damaged == 0) {
      return "";
    }
    String lines =
        damaged == 1
            ? "1 line naming this task was changed after it was written and is left out"
            : damaged
                + " lines naming this task were changed after they were written and are left out";
    return "\n! " + lines + ": run `bailiwick audit verify`.\n";
  }

  private static String plural(long number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  private void branch(TraceBranch branch, String indent) {
    List<Shown> steps = fold(branch.steps());
    List<TraceBranch> branches = branch.branches();
    for (int i = 0; i < steps.size(); i++) {
      boolean last = i == steps.size() - 1 && branches.isEmpty();
      step(steps.get(i), indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
    }
    for (int i = 0; i < branches.size(); i++) {
      boolean last = i == branches.size() - 1;
      line(indent + (last ? "└─ " : "├─ ") + SafeText.escape(branches.get(i).label()));
      branch(branches.get(i), indent + (last ? "   " : "│  "));
    }
  }

  /** A step, and how often the kernel denied the same to the same program. */
  private record Shown(TraceStep step, int times) {}

  /**
   * A program that runs into the same wall again and again is one line, where it did so first: its
   * repetitions must not hide the denial that matters.
   */
  private static List<Shown> fold(List<TraceStep> steps) {
    Map<String, Integer> times = new HashMap<>();
    for (TraceStep step : steps) {
      if (step.is(TraceStep.DENIAL)) {
        times.merge(wall(step), 1, Integer::sum);
      }
    }
    List<Shown> shown = new ArrayList<>();
    for (TraceStep step : steps) {
      Integer count = step.is(TraceStep.DENIAL) ? times.remove(wall(step)) : Integer.valueOf(1);
      if (count != null) {
        shown.add(new Shown(step, count));
      }
    }
    return shown;
  }

  private static String wall(TraceStep step) {
    return String.join(
        "\n",
        step.text("sandbox"),
        step.view().path("process").path("command").asString(""),
        step.text("layer"),
        step.text("hook"),
        step.text("destination"));
  }

  private void step(Shown shown, String first, String rest) {
    TraceStep step = shown.step();
    String time = stamp.format(step.time());
    String times = shown.times() == 1 ? "" : "  (" + shown.times() + " times)";
    line(first + time + "  " + mark(step) + " " + SafeText.escape(headline(step)) + times);
    String margin = rest + " ".repeat(time.length() + 4);
    for (Detail detail : details(step)) {
      if (!detail.value().isEmpty()) {
        line(
            margin
                + String.format(Locale.ROOT, "%-11s ", detail.label())
                + SafeText.escape(detail.value()));
      }
    }
  }

  private static String mark(TraceStep step) {
    return switch (step.kind()) {
      case TraceStep.DECISION -> step.isAllowed() ? "✓" : "✗";
      case TraceStep.DENIAL -> "✗";
      case TraceStep.LOST -> "!";
      default -> "·";
    };
  }

  private static String headline(TraceStep step) {
    return switch (step.kind()) {
      case TraceStep.DECISION ->
          (step.isAllowed() ? "allowed " : "denied  ")
              + join(" ", step.text("connector"), step.text("method"), step.text("target"))
              + outcome(step);
      case TraceStep.ANSWER ->
          "answer  " + step.text("connector") + " " + step.view().path("status").asString("none");
      case TraceStep.DENIAL -> "denied  kernel " + step.text("destination");
      case TraceStep.STARTED -> "sandbox " + step.text("sandbox") + " started";
      case TraceStep.ENDED ->
          "sandbox " + step.text("sandbox") + " ended with " + step.text("exit_status");
      case TraceStep.LOST ->
          plural(step.view().path("lost").longValue(0), "kernel event")
              + " lost here: this trace has a gap";
      default -> step.text("sentence");
    };
  }

  private static String outcome(TraceStep step) {
    if (!step.isAllowed()) {
      return "";
    }
    JsonNode answer = step.view().path("answer");
    String status =
        answer.isMissingNode() ? step.text("status") : answer.path("status").asString("no answer");
    return status.isEmpty() ? "" : " → " + status;
  }

  private record Detail(String label, String value) {}

  private static List<Detail> details(TraceStep step) {
    return switch (step.kind()) {
      case TraceStep.DECISION ->
          List.of(
              new Detail("rule", step.isAllowed() ? "" : rule(step)),
              new Detail("operations", list(step.view().path("operations"))),
              new Detail("credential", step.text("credential")),
              new Detail("call", call(step)));
      case TraceStep.ANSWER -> List.of(new Detail("call", step.correlationId()));
      case TraceStep.DENIAL ->
          List.of(
              new Detail("process", process(step) + " in " + step.text("sandbox")),
              new Detail("layer", join(" ", step.text("layer"), step.text("hook"))));
      case TraceStep.STARTED ->
          List.of(
              new Detail("process", process(step)),
              new Detail("asked by", caller(step)),
              new Detail("policy", step.text("policy")),
              new Detail("enforced", names(step.view().path("enforced"))),
              new Detail("missing", names(step.view().path("missing"))));
      default -> List.of();
    };
  }

  /** Root may name any task; whose word another user's task is, is said. */
  private static String caller(TraceStep step) {
    int uid = step.view().path("caller_uid").asInt(0);
    return uid == 0 ? "" : "uid " + uid;
  }

  private static String rule(TraceStep step) {
    return step.text("rule") + ": " + step.text("sentence");
  }

  private static String call(TraceStep step) {
    String token = step.text("token_id");
    String parent = step.text("parent_token_id");
    return join(
        ", ",
        step.correlationId(),
        (token.isEmpty() ? "" : "token " + token) + (parent.isEmpty() ? "" : " from " + parent),
        step.text("policy").isEmpty() ? "" : "policy " + step.text("policy"));
  }

  private static String process(TraceStep step) {
    JsonNode process = step.view().path("process");
    return process.path("command").asString("")
        + " (pid "
        + process.path("pid").asString("?")
        + ", uid "
        + process.path("uid").asString("?")
        + ")";
  }

  private static String list(JsonNode values) {
    return values.valueStream().map(value -> value.asString("")).collect(Collectors.joining(", "));
  }

  /** What stands before the colon of each; the sentences are in the record. */
  private static String names(JsonNode values) {
    return values
        .valueStream()
        .map(value -> value.asString(""))
        .map(text -> text.indexOf(':') < 0 ? text : text.substring(0, text.indexOf(':')))
        .collect(Collectors.joining(", "));
  }

  private static String join(String separator, String... parts) {
    return List.of(parts).stream()
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(separator));
  }

  private void line(String content) {
    text.append(content).append('\n');
  }

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
  }
}
