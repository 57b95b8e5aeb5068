// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.Optional;

/** Follows a chain record by record and says where it breaks. */
final class Chain {

  /** Where a chain breaks, and how. */
  record Break(AuditVerification.What what, String sentence, long missing) {}

  private final String writer;
  private long sequence;
  private String hash;
  private boolean believesNext;
  private Optional<SealedLine> last = Optional.empty();

  /** A chain whose last record so far is {@code sequence} with {@code hash}. */
  Chain(String writer, long sequence, String hash) {
    this.writer = writer;
    this.sequence = sequence;
    this.hash = hash;
  }

  static Chain fromTheStart(String writer) {
    return new Chain(writer, 0, SealedLine.GENESIS);
  }

  /** A chain of which only the end is read: the first record's word is taken for what precedes. */
  static Chain fromTheMiddle(String writer) {
    Chain chain = fromTheStart(writer);
    chain.believesNext = true;
    return chain;
  }

  /** Takes the next line, unless it breaks the chain. */
  Optional<Break> follow(byte[] bytes) {
    Optional<SealedLine> read = SealedLine.read(bytes);
    if (read.isEmpty()) {
      return broken(
          AuditVerification.What.CHANGED,
          "The line does not agree with its own hash: it was changed after it was written.");
    }
    SealedLine line = read.get();
    if (!line.writer().equals(writer)) {
      return broken(
          AuditVerification.What.REORDERED,
          "The record belongs to the trail of writer '"
              + SafeText.escape(line.writer())
              + "' and was moved here.");
    }
    if (believesNext) {
      sequence = line.sequence() - 1;
      hash = line.previous();
      believesNext = false;
    }
    if (line.sequence() > sequence + 1) {
      String missing =
          line.sequence() == sequence + 2
              ? "Record " + (sequence + 1) + " is missing"
              : "Records " + (sequence + 1) + " to " + (line.sequence() - 1) + " are missing";
      return Optional.of(
          new Break(
              AuditVerification.What.CUT,
              missing + " before record " + line.sequence() + ".",
              sequence + 1));
    }
    if (line.sequence() <= sequence) {
      return broken(
          AuditVerification.What.REORDERED,
          "Record " + line.sequence() + " stands after record " + sequence + ".");
    }
    if (!line.previous().equals(hash)) {
      return broken(
          AuditVerification.What.CHANGED,
          sequence == 0
              ? "The first record names a record before it: the trail's beginning was replaced."
              : "Record "
                  + line.sequence()
                  + " was not written after the record "
                  + sequence
                  + " that stands here: one of the two was replaced.");
    }
    sequence = line.sequence();
    hash = line.hash();
    last = read;
    return Optional.empty();
  }

  private static Optional<Break> broken(AuditVerification.What what, String sentence) {
    return Optional.of(new Break(what, sentence, 0));
  }

  /** Sequence of the last record that was followed. */
  long sequence() {
    return sequence;
  }

  /** Hash of the last record that was followed. */
  String hash() {
    return hash;
  }

  /** The last record that was followed, unless nothing was. */
  Optional<SealedLine> last() {
    return last;
  }
}
