// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import dev.bailiwick.audit.AuditVerification.Problem;
import dev.bailiwick.audit.AuditVerification.What;
import dev.bailiwick.audit.AuditVerification.WriterReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Proves that trails are whole: every line agrees with its hash and follows the line before it, and
 * the signed head names the last one. Only reads, also while the trails are being written.
 */
public final class AuditVerifier {

  /** A running writer signs within this time; what stays unsigned longer has no writer. */
  private static final int PATIENCE_ROUNDS = 20;

  private static final long ROUND_NANOS = 50_000_000;

  private AuditVerifier() {}

  /**
   * Verifies all trails below a directory with the public keys that lie beside them. This finds
   * every change, except by somebody who also had a signing key or replaced a public key.
   *
   * @throws AuditException if there is no trail, or it cannot be read
   */
  public static AuditVerification verify(Path directory) {
    return verify(directory, Map.of());
  }

  /**
   * Verifies all trails below a directory.
   *
   * @param publicKeys public key files that were taken away from the host, by writer. A writer that
   *     is named here must be there
   * @throws AuditException if there is no trail, or it cannot be read
   */
  public static AuditVerification verify(Path directory, Map<String, Path> publicKeys) {
    try {
      TreeSet<String> writers = new TreeSet<>(publicKeys.keySet());
      if (Files.isDirectory(directory)) {
        writers.addAll(WriterFiles.writers(directory));
      }
      if (writers.isEmpty()) {
        throw new AuditException(
            "There is no audit trail in "
                + directory
                + ": name the directory that holds the writers' directories.");
      }
      List<WriterReport> reports = new ArrayList<>();
      for (String writer : writers) {
        Optional<Path> given = Optional.ofNullable(publicKeys.get(writer));
        reports.add(verify(new WriterFiles(directory, writer), given));
      }
      return new AuditVerification(reports);
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail in "
              + directory
              + " cannot be read ("
              + SafeText.reason(e)
              + "): run this as the user that owns it.",
          e);
    }
  }

  private static WriterReport verify(WriterFiles files, Optional<Path> given) throws IOException {
    TrailWalk walk = new TrailWalk(files);
    Path keyFile = given.orElse(files.publicKey());
    Optional<PublicKey> key =
        Files.exists(keyFile) ? SigningKey.readPublic(keyFile) : Optional.empty();
    Optional<Problem> problem;
    if (Files.isDirectory(files.directory(), LinkOption.NOFOLLOW_LINKS)) {
      problem = walk.advance();
      if (problem.isEmpty()) {
        problem =
            key.isPresent()
                ? checkHead(files, walk, key.get())
                : Optional.of(
                    new Problem(
                        What.BAD_SIGNATURE,
                        keyFile,
                        0,
                        "There is no public key in this file as the log exports it, so the head"
                            + " cannot be checked."));
      }
    } else {
      problem =
          Optional.of(
              new Problem(
                  What.MISSING_SEGMENT, files.directory(), 0, "The whole trail is missing."));
    }
    return new WriterReport(
        files.writer(),
        walk.segment(),
        walk.sequence(),
        walk.notes(),
        walk.hash(),
        walk.lastTime(),
        key.map(SigningKey::fingerprint),
        given.isPresent(),
        problem);
  }

  /**
   * Holds the records against the signed head. What was there when reading began must be signed;
   * what a running writer adds meanwhile need not be yet.
   */
  private static Optional<Problem> checkHead(WriterFiles files, TrailWalk walk, PublicKey key)
      throws IOException {
    long toBeSigned = walk.sequence();
    boolean wasTorn = walk.isTorn();
    for (int round = 0; ; round++) {
      Optional<Head> read = Head.read(files.head());
      if (read.isEmpty()) {
        return headProblem(files, What.UNSIGNED, "There is no signed head in the form of one.");
      }
      Head head = read.get();
      if (!head.writer().equals(files.writer()) || !head.isSignedBy(key)) {
        return headProblem(
            files, What.BAD_SIGNATURE, "The head is not signed by the expected key.");
      }
      Optional<Problem> problem = walk.advance();
      if (problem.isEmpty()) {
        problem = compare(files, walk, head);
      }
      if (problem.isPresent()) {
        return problem;
      }
      boolean stillTorn = wasTorn && walk.isTorn() && walk.sequence() == toBeSigned;
      if (head.sequence() >= toBeSigned && !stillTorn) {
        return Optional.empty();
      }
      if (round == PATIENCE_ROUNDS) {
        return Optional.of(
            stillTorn
                ? walk.tornTail(
                    "The file ends in the middle of a line, as after a crash. The writer keeps the"
                        + " piece aside when it starts again.")
                : unsigned(files, walk, head));
      }
      LockSupport.parkNanos(ROUND_NANOS);
    }
  }

  private static Optional<Problem> compare(WriterFiles files, TrailWalk walk, Head head) {
    if (head.segment() > walk.segment()) {
      return Optional.of(
          new Problem(
              What.MISSING_SEGMENT,
              files.segment(walk.segment() + 1),
              0,
              "The file is missing, but the signed head names it."));
    }
    if (head.sequence() > walk.sequence()) {
      if (walk.isTorn()) {
        return Optional.of(
            walk.tornTail(
                "The file ends in the middle of a record that the signed head covers: its end was"
                    + " cut off."));
      }
      return Optional.of(
          new Problem(
              What.CUT,
              files.segment(walk.segment()),
              walk.lines(),
              "The trail ends at record "
                  + walk.sequence()
                  + ", but its signed head names record "
                  + head.sequence()
                  + ": the end was cut off."));
    }
    Optional<String> hash = walk.hashOf(head.sequence());
    if (hash.isPresent() && !hash.get().equals(head.hash())) {
      return headProblem(
          files,
          What.CHANGED,
          "The head names another record " + head.sequence() + " than the one that stands there.");
    }
    return Optional.empty();
  }

  private static Problem unsigned(WriterFiles files, TrailWalk walk, Head head) {
    return new Problem(
        What.UNSIGNED,
        files.segment(walk.segment()),
        walk.lines(),
        "The signed head ends at record "
            + head.sequence()
            + ", the file at record "
            + walk.sequence()
            + ": the writer crashed before it signed the rest, or somebody added it.");
  }

  private static Optional<Problem> headProblem(WriterFiles files, What what, String sentence) {
    return Optional.of(new Problem(what, files.head(), 0, sentence));
  }
}
