// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What {@link AuditVerifier} found.
 *
 * @param writers one report for each, sorted by name
 */
public record AuditVerification(List<WriterReport> writers) {

  public AuditVerification {
    writers = List.copyOf(writers);
  }

  /** Whether every trail is whole and signed. */
  public boolean sound() {
    return writers.stream().allMatch(WriterReport::sound);
  }

  /** Records that are in their place, over all writers. */
  public long records() {
    return writers.stream().mapToLong(WriterReport::records).sum();
  }

  /** How a trail can be damaged. */
  public enum What {
    /** A line or the head is not as it was written. */
    CHANGED,
    /** Records are missing, in the middle or at the end. */
    CUT,
    /** Records stand in another order, twice, or in another writer's trail. */
    REORDERED,
    /** A whole file is missing. */
    MISSING_SEGMENT,
    /** The last line ends in the middle, as after a crash. */
    TORN_TAIL,
    /** The head is not signed by the key that was expected. */
    BAD_SIGNATURE,
    /** Records at the end are not covered by a head, as after a crash, or there is no head. */
    UNSIGNED
  }

  /**
   * The first damage in a trail.
   *
   * @param line counted from 1; 0 when the damage is not in a line
   */
  public record Problem(What what, Path file, long line, String sentence) {}

  /**
   * One writer's trail.
   *
   * @param segments files that were read
   * @param records records that are in their place, up to the first problem
   * @param notes notes of the log about its own trail among them, such as a crash that was survived
   * @param lastHash hash of the last of them; 64 zeros when there is none
   * @param last time of the last of them
   * @param keyFingerprint SHA-256 of the public key that the head was checked with
   * @param keyGiven whether that key was given by the caller; otherwise it lay beside the trail,
   *     where whoever can change the trail can change it as well
   */
  public record WriterReport(
      String writer,
      int segments,
      long records,
      long notes,
      String lastHash,
      Optional<Instant> last,
      Optional<String> keyFingerprint,
      boolean keyGiven,
      Optional<Problem> problem) {

    public boolean sound() {
      return problem.isEmpty();
    }
  }

  /** The findings for people, one block per writer. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    writers.forEach(report -> append(text, report));
    return text.toString();
  }

  private static void append(StringBuilder text, WriterReport report) {
    text.append(report.sound() ? "✓ " : "✗ ")
        .append(report.writer())
        .append("  ")
        .append(count(report.records(), "record"))
        .append(" in ")
        .append(count(report.segments(), "file"))
        .append(report.sound() ? ", whole and signed" : " before the first problem")
        .append('\n');
    if (report.records() > 0) {
      text.append("  ends      ")
          .append(report.last().map(Instant::toString).orElse("-"))
          .append("  ")
          .append(report.lastHash())
          .append('\n');
    }
    report
        .keyFingerprint()
        .ifPresent(
            key ->
                text.append("  key       ")
                    .append(key)
                    .append(report.keyGiven() ? " (given)" : " (found beside the trail)")
                    .append('\n'));
    if (report.notes() > 0) {
      text.append("  notes     ")
          .append(count(report.notes(), "note"))
          .append(" of the log about its own trail\n");
    }
    report
        .problem()
        .ifPresent(
            problem -> {
              text.append("  ")
                  .append(problem.what())
                  .append("  ")
                  .append(SafeText.escape(problem.file().toString()));
              if (problem.line() > 0) {
                text.append(" line ").append(problem.line());
              }
              text.append("\n  ").append(problem.sentence()).append('\n');
            });
  }

  private static String count(long number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }
}
