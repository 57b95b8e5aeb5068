// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.List;
import java.util.Optional;

/**
 * The line of an allowed request with holes where the next one differs: most calls of an agent are
 * like the call before. Immutable.
 */
final class DecisionForm {
  private static final int NAME = "\"\":\"".length();

  /** What two records have in common whose lines differ in {@link Cuts.Fact} only. */
  record Likeness(
      String code,
      String sentence,
      String policy,
      AuditRecord.Caller caller,
      Optional<String> connector,
      String method,
      List<String> operations,
      Optional<String> credential,
      boolean answered) {}

  private final byte[][] pieces;
  private final Cuts.Fact[] facts;

  /** Cuts a line; the last piece stands behind the last fact. */
  DecisionForm(LineBytes line, List<Cuts.Cut> cuts) {
    pieces = new byte[cuts.size() + 1][];
    facts = new Cuts.Fact[cuts.size()];
    int from = 0;
    for (int i = 0; i < facts.length; i++) {
      facts[i] = cuts.get(i).fact();
      pieces[i] = line.part(from, cuts.get(i).from());
      from = cuts.get(i).to();
    }
    pieces[facts.length] = line.part(from, line.size());
  }

  /** Which other records have the same form; empty for those that are not worth keeping one. */
  static Optional<Likeness> likeness(AuditRecord record) {
    if (record instanceof AuditRecord.GatewayDecision decision
        && decision.allowed()
        && decision.caller().isPresent()
        && decision.target().isPresent()
        && !decision.operations().isEmpty()) {
      return Optional.of(
          new Likeness(
              decision.code(),
              decision.sentence(),
              decision.policy(),
              decision.caller().get(),
              decision.connector(),
              decision.method(),
              decision.operations(),
              decision.credential(),
              decision.upstreamStatus().isPresent()));
    }
    return Optional.empty();
  }

  /** Writes the line of a record that is like the first one. */
  void fill(
      LineBytes line,
      AuditRecord.GatewayDecision decision,
      String writer,
      long sequence,
      String previous) {
    for (int i = 0; i < facts.length; i++) {
      line.put(pieces[i]);
      switch (facts[i]) {
        case TIME -> number(line, decision.time().toEpochMilli());
        case UID -> text(line, RecordEncoder.uid(writer, sequence));
        case SEQUENCE -> number(line, sequence);
        case REQUEST -> text(line, decision.correlationId());
        case STATUS -> number(line, decision.upstreamStatus().orElseThrow());
        case PATH -> text(line, decision.target().orElseThrow());
        case SOURCE -> text(line, decision.sourceAddress());
        case PREVIOUS -> text(line, previous);
      }
    }
    line.put(pieces[facts.length]);
  }

  private static void number(LineBytes line, long value) {
    line.write(':');
    boolean unused = line.putPrintable(Long.toString(value));
  }

  /** What needs no escape is copied; for everything else the library is asked. */
  private static void text(LineBytes line, String value) {
    line.write(':');
    line.write('"');
    if (!line.putPrintable(value)) {
      byte[] quoted = RecordEncoder.member("", value);
      // Behind the empty name, its colon and the quotation mark that stands already.
      line.write(quoted, NAME, quoted.length - NAME - 1);
    }
    line.write('"');
  }
}
