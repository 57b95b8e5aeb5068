// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one runner. No label holds anything of a request. Thread-safe. */
final class RunnerMetrics {
  private final LongAdder allowed = new LongAdder();
  private final LongAdder denied = new LongAdder();
  private final LongAdder late = new LongAdder();
  private final LongAdder malformed = new LongAdder();
  private final LongAdder confLost = new LongAdder();
  private final LongAdder bodies = new LongAdder();
  private final LongAdder reported = new LongAdder();
  private final LongAdder unreported = new LongAdder();
  private final LongAdder reportUnknown = new LongAdder();

  void allowed() {
    allowed.increment();
  }

  void denied() {
    denied.increment();
  }

  void late() {
    late.increment();
  }

  void malformedFrame() {
    malformed.increment();
  }

  void confLost() {
    confLost.increment();
  }

  void bodyRead() {
    bodies.increment();
  }

  void reported() {
    reported.increment();
  }

  void unreported() {
    unreported.increment();
  }

  void reportUnknown() {
    reportUnknown.increment();
  }

  /** In the text format of Prometheus. */
  String text(int connections, long pending, long confs, boolean ready) {
    StringBuilder out = new StringBuilder();
    String calls = "bailiwick_apisix_calls_total";
    head(out, calls, "counter", "Calls of APISIX by how they ended.");
    line(out, calls + "{outcome=\"allow\"}", allowed.sum());
    line(out, calls + "{outcome=\"deny\"}", denied.sum());
    line(out, calls + "{outcome=\"late\"}", late.sum());
    line(out, calls + "{outcome=\"conf_token_unknown\"}", confLost.sum());
    line(out, calls + "{outcome=\"malformed_frame\"}", malformed.sum());
    single(out, "bailiwick_apisix_bodies_total", "counter", "Bodies asked for.", bodies.sum());
    String reports = "bailiwick_apisix_reports_total";
    head(out, reports, "counter", "Allowed calls by whether their end was reported.");
    line(out, reports + "{outcome=\"reported\"}", reported.sum());
    line(out, reports + "{outcome=\"unknown\"}", unreported.sum());
    line(out, reports + "{outcome=\"nobody_waited\"}", reportUnknown.sum());
    single(out, "bailiwick_apisix_pending", "gauge", "Calls that wait for a report.", pending);
    single(out, "bailiwick_apisix_connections", "gauge", "Open connections.", connections);
    single(out, "bailiwick_apisix_conf_tokens", "gauge", "Conf tokens that are known.", confs);
    single(out, "bailiwick_apisix_ready", "gauge", "1 when the runner is ready.", ready ? 1 : 0);
    return out.toString();
  }

  private static void single(StringBuilder out, String name, String type, String help, long value) {
    head(out, name, type, help);
    line(out, name, value);
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(StringBuilder out, String series, long value) {
    out.append(series).append(' ').append(value).append('\n');
  }
}
