// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import dev.bailiwick.audit.AuditVerification.Problem;
import dev.bailiwick.audit.AuditVerification.What;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a trail from its first record on, as far as it goes, and farther when it has grown. */
final class TrailWalk {

  private static final int REMEMBERED = 1 << 16;

  private final WriterFiles files;
  private final Chain chain;
  private final Map<Long, String> hashes =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  private int segment = 1;
  private long offset;
  private long lines;
  private long torn = -1;
  private long notes;

  TrailWalk(WriterFiles files) {
    this.files = files;
    this.chain = Chain.fromTheStart(files.writer());
    this.hashes.put(0L, SealedLine.GENESIS);
  }

  /** Reads on to the end; the first break ends the walk. */
  Optional<Problem> advance() throws IOException {
    while (true) {
      // Asked before reading: a segment that has a successor does not grow any more.
      List<Integer> numbers = files.segments();
      boolean isLast = numbers.isEmpty() || segment >= numbers.getLast();
      if (Files.notExists(files.segment(segment), LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(
            new Problem(
                What.MISSING_SEGMENT,
                files.segment(segment),
                0,
                isLast
                    ? "The trail has no records file."
                    : "The file is missing, but a later one exists."));
      }
      Optional<Problem> problem = readSegment();
      if (problem.isPresent() || isLast) {
        return problem;
      }
      if (isTorn()) {
        return Optional.of(
            tornTail("The file ends in the middle of a line, but a later one exists."));
      }
      segment++;
      offset = 0;
      lines = 0;
    }
  }

  private Optional<Problem> readSegment() throws IOException {
    torn = -1;
    try (LineReader reader = open(offset)) {
      for (byte[] line = reader.next(); line != null; line = reader.next()) {
        if (!reader.terminated() && line.length < SealedLine.MAX_BYTES) {
          torn = offset;
          return Optional.empty();
        }
        lines++;
        Optional<Chain.Break> broken = chain.follow(line);
        if (broken.isPresent()) {
          return Optional.of(problem(broken.get(), reader));
        }
        offset = reader.offset();
        hashes.put(chain.sequence(), chain.hash());
        if (chain.last().orElseThrow().kind().equals("trail-note")) {
          notes++;
        }
      }
    }
    return Optional.empty();
  }

  private LineReader open(long from) throws IOException {
    return new LineReader(WriterFiles.open(files.segment(segment), StandardOpenOption.READ), from);
  }

  /** Records that are missing here may only have been moved down. */
  private Problem problem(Chain.Break broken, LineReader rest) throws IOException {
    Path file = files.segment(segment);
    if (broken.what() == What.CUT) {
      for (byte[] line = rest.next(); line != null; line = rest.next()) {
        Optional<SealedLine> read = SealedLine.read(line);
        if (read.isPresent() && read.get().sequence() == broken.missing()) {
          return new Problem(
              What.REORDERED,
              file,
              lines,
              "Record " + broken.missing() + " was moved behind this line.");
        }
      }
    }
    return new Problem(broken.what(), file, lines, broken.sentence());
  }

  Problem tornTail(String sentence) {
    return new Problem(What.TORN_TAIL, files.segment(segment), lines + 1, sentence);
  }

  /** Whether the last file ends in the middle of a line. */
  boolean isTorn() {
    return torn >= 0;
  }

  /** Sequence of the last whole record. */
  long sequence() {
    return chain.sequence();
  }

  String hash() {
    return chain.hash();
  }

  Optional<Instant> lastTime() {
    return chain.last().map(SealedLine::time);
  }

  /** Hash of a record that was read; empty for one that is not there or lies far back. */
  Optional<String> hashOf(long sequence) {
    return Optional.ofNullable(hashes.get(sequence));
  }

  int segment() {
    return segment;
  }

  long lines() {
    return lines;
  }

  long notes() {
    return notes;
  }
}
