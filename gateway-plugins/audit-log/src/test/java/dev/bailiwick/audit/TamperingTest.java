// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static dev.bailiwick.audit.TestRecords.allowed;
import static dev.bailiwick.audit.TestRecords.decision;
import static dev.bailiwick.audit.TestRecords.kernelDenial;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.audit.AuditVerification.Problem;
import dev.bailiwick.audit.AuditVerification.What;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody with a hand on the files can do, and that it shows. */
class TamperingTest {

  @TempDir Path dir;
  private TestTrail trail;

  @BeforeEach
  void setUp() {
    trail = new TestTrail(dir.resolve("audit"), "gateway-a");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x01, 0x20})
  void verifyWhenAnyByteIsFlippedThenItShows(int mask) throws IOException {
    trail.write(decision(1, "txn-1", false), kernelDenial(2));
    assertThat(trail.verify().sound()).isTrue();

    for (Path file : List.of(trail.segment(1), trail.files().head(), trail.files().publicKey())) {
      byte[] original = Files.readAllBytes(file);
      try (RandomAccessFile hand = new RandomAccessFile(file.toFile(), "rw")) {
        for (int at = 0; at < original.length; at++) {
          hand.seek(at);
          hand.write(original[at] ^ mask);

          assertThat(trail.verify().sound()).as("%s, byte %d", file, at).isFalse();

          hand.seek(at);
          hand.write(original[at]);
        }
      }
    }
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void verifyWhenAnyTailIsCutThenItShows() throws IOException {
    trail.write(kernelDenial(1));
    int whole = (int) Files.size(trail.segment(1));

    try (RandomAccessFile hand = new RandomAccessFile(trail.segment(1).toFile(), "rw")) {
      for (int length = whole - 1; length >= 0; length--) {
        hand.setLength(length);

        assertThat(trail.problem().what())
            .as("cut to %d bytes", length)
            .isIn(What.CUT, What.TORN_TAIL);
      }
    }
  }

  @Test
  void verifyWhenALineIsChangedThenNamesFileAndLine() throws IOException {
    write(5);
    edit(lines -> lines.set(2, lines.get(2).replace("alice", "mallory")));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CHANGED);
    assertThat(problem.file()).isEqualTo(trail.segment(1));
    assertThat(problem.line()).isEqualTo(3);
    assertThat(trail.verify().writers().getFirst().records()).isEqualTo(2);
  }

  @Test
  void verifyWhenALineIsOverlongThenItIsNotRead() throws IOException {
    write(3);
    edit(lines -> lines.set(1, "x".repeat(3 * SealedLine.MAX_BYTES)));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CHANGED);
    assertThat(problem.line()).isEqualTo(2);
  }

  @Test
  void verifyWhenALineIsChangedAndHashedAnewThenItShows() throws IOException {
    write(5);
    edit(lines -> lines.set(2, rehash(lines.get(2).replace("alice", "mallory"))));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CHANGED);
    assertThat(problem.line()).isEqualTo(4);
  }

  @Test
  void verifyWhenEverythingIsHashedAnewThenTheHeadShowsIt() throws IOException {
    write(5);
    edit(
        lines -> {
          lines.set(2, rehash(lines.get(2).replace("alice", "mallory")));
          for (int n = 3; n < lines.size(); n++) {
            String previous = SealedLine.read(lines.get(n - 1).getBytes()).orElseThrow().hash();
            String old = SealedLine.read(lines.get(n).getBytes()).orElseThrow().previous();
            lines.set(n, rehash(lines.get(n).replace(old, previous)));
          }
        });

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CHANGED);
    assertThat(problem.file()).isEqualTo(trail.files().head());
  }

  @Test
  void verifyWhenALineIsCutOutThenSaysWhichRecordIsMissing() throws IOException {
    write(5);
    edit(lines -> lines.remove(2));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CUT);
    assertThat(problem.line()).isEqualTo(3);
    assertThat(problem.sentence()).isEqualTo("Record 3 is missing before record 4.");
  }

  @Test
  void verifyWhenTheBeginningIsCutThenItShows() throws IOException {
    write(5);
    edit(lines -> lines.subList(0, 2).clear());

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CUT);
    assertThat(problem.sentence()).isEqualTo("Records 1 to 2 are missing before record 3.");
  }

  @Test
  void verifyWhenTheLastLinesAreCutThenTheHeadShowsIt() throws IOException {
    write(5);
    edit(lines -> lines.subList(3, 5).clear());

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.CUT);
    assertThat(problem.sentence()).contains("ends at record 3").contains("names record 5");
  }

  @Test
  void verifyWhenLinesAreSwappedThenItShows() throws IOException {
    write(5);
    edit(lines -> Collections.swap(lines, 1, 2));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.REORDERED);
    assertThat(problem.line()).isEqualTo(2);
  }

  @Test
  void verifyWhenALineIsInsertedThenItShows() throws IOException {
    write(5);
    edit(lines -> lines.add(3, lines.get(1)));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.REORDERED);
    assertThat(problem.line()).isEqualTo(4);
    assertThat(problem.sentence()).isEqualTo("Record 2 stands after record 3.");
  }

  @Test
  void verifyWhenALineComesFromAnotherWriterThenItShows() throws IOException {
    write(2);
    TestTrail other = new TestTrail(trail.directory(), "gateway-b").write(allowed(1), allowed(2));
    trail.replaceLines(1, other.lines(1));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.REORDERED);
    assertThat(problem.sentence()).contains("gateway-b");
  }

  @Test
  void verifyWhenWritersAreSwappedThenBothShow() throws IOException {
    write(2);
    TestTrail other = new TestTrail(trail.directory(), "gateway-b").write(allowed(1), allowed(2));
    Path aside = dir.resolve("aside");
    Files.move(trail.files().directory(), aside);
    Files.move(other.files().directory(), trail.files().directory());
    Files.move(aside, other.files().directory());

    AuditVerification found = trail.verify();

    assertThat(found.writers()).hasSize(2).noneMatch(AuditVerification.WriterReport::sound);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void verifyWhenASegmentIsRemovedThenNamesIt(int removed) throws IOException {
    trail.write(trail.options().withSegmentBytes(1), List.of(allowed(1), allowed(2), allowed(3)));
    Files.delete(trail.segment(removed));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.MISSING_SEGMENT);
    assertThat(problem.file()).isEqualTo(trail.segment(removed));
  }

  @Test
  void verifyWhenSegmentsAreSwappedThenItShows() throws IOException {
    trail.write(trail.options().withSegmentBytes(1), List.of(allowed(1), allowed(2), allowed(3)));
    Path aside = dir.resolve("aside");
    Files.move(trail.segment(1), aside);
    Files.move(trail.segment(2), trail.segment(1));
    Files.move(aside, trail.segment(2));

    assertThat(trail.problem().file()).isEqualTo(trail.segment(1));
  }

  @Test
  void verifyWhenTheHeadIsRemovedThenItShows() throws IOException {
    write(2);
    Files.delete(trail.files().head());

    assertThat(trail.problem().what()).isEqualTo(What.UNSIGNED);
  }

  @Test
  void verifyWhenRecordsAreAddedBehindTheHeadThenTheyAreUnsigned() throws IOException {
    write(2);
    byte[] head = Files.readAllBytes(trail.files().head());
    write(1);
    Files.write(trail.files().head(), head);

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.UNSIGNED);
    assertThat(problem.sentence()).contains("ends at record 2").contains("at record 3");
  }

  @Test
  void verifyWhenTheWholeTrailIsRemovedThenItsKeyRemindsOfIt() throws IOException {
    write(1);
    new TestTrail(trail.directory(), "gateway-b").write(allowed(1));
    Files.move(trail.files().directory(), dir.resolve("elsewhere"));

    Problem problem = trail.problem();

    assertThat(problem.what()).isEqualTo(What.MISSING_SEGMENT);
    assertThat(problem.file()).isEqualTo(trail.files().directory());
  }

  @Test
  void verifyWhenForgedWithANewKeyThenTheGivenPublicKeyShowsIt() throws IOException {
    write(3);
    Path taken = Files.copy(trail.files().publicKey(), dir.resolve("taken-away.pub"));
    Files.delete(trail.files().signingKey());
    Files.delete(trail.files().publicKey());
    for (String name : List.of("000001.jsonl", "head")) {
      Files.delete(trail.files().directory().resolve(name));
    }
    write(1);

    AuditVerification beside = trail.verify();
    AuditVerification given = AuditVerifier.verify(trail.directory(), Map.of("gateway-a", taken));

    assertThat(beside.sound()).isTrue();
    assertThat(given.writers().getFirst().problem().orElseThrow().what())
        .isEqualTo(What.BAD_SIGNATURE);
    assertThat(given.writers().getFirst().keyGiven()).isTrue();
  }

  @Test
  void verifyWhenAGivenWriterIsMissingThenItShows() throws IOException {
    write(1);
    Path key = trail.files().publicKey();

    AuditVerification found =
        AuditVerifier.verify(trail.directory(), Map.of("gateway-a", key, "gateway-z", key));

    assertThat(found.sound()).isFalse();
    assertThat(found.writers().get(0).sound()).isTrue();
    assertThat(found.writers().get(1).writer()).isEqualTo("gateway-z");
  }

  @Test
  void verifyWhenDoneThenNothingWasModified() throws IOException {
    write(3);
    new TestTrail(trail.directory(), "enforcer-a").write(kernelDenial(1));
    Map<Path, String> before = snapshot();

    trail.verify();

    assertThat(snapshot()).isEqualTo(before);
  }

  @Test
  void verifyWhenThereIsNoTrailThenSaysSo() {
    assertThatThrownBy(() -> AuditVerifier.verify(dir))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("no audit trail in " + dir);
    assertThatThrownBy(() -> AuditVerifier.verify(dir.resolve("missing")))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("no audit trail");
  }

  @Test
  void toTextWhenDamagedThenNamesTheLineAndTheReason() throws IOException {
    write(3);
    edit(lines -> lines.remove(1));

    assertThat(trail.verify().toText())
        .startsWith("✗ gateway-a  1 record in 1 file before the first problem\n")
        .contains("CUT  " + trail.segment(1) + " line 2\n")
        .contains("Record 2 is missing before record 3.\n");
  }

  @Test
  void toTextWhenSoundThenNamesEndAndKey() {
    write(3);

    assertThat(trail.verify().toText())
        .startsWith("✓ gateway-a  3 records in 1 file, whole and signed\n")
        .contains("ends      2026-11-23T10:00:03Z  ")
        .contains("(found beside the trail)");
  }

  @Test
  void openWhenTheTrailWasChangedThenDoesNotContinueIt() throws IOException {
    write(5);
    edit(lines -> lines.subList(3, 5).clear());
    Map<Path, String> before = snapshot();

    assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("whole only up to record 3")
        .hasMessageContaining("Keep it as evidence");
    assertThat(snapshot()).isEqualTo(before);
  }

  @Test
  void openWhenTheHeadIsMissingOrForeignThenThrows() throws IOException {
    write(2);
    TestTrail other = new TestTrail(trail.directory(), "gateway-b").write(allowed(1), allowed(2));
    Files.delete(trail.files().head());
    assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
        .hasMessageContaining("no readable signed head");

    Files.copy(other.files().head(), trail.files().head());

    assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
        .hasMessageContaining("key did not sign");
  }

  @Test
  void openWhenASegmentIsMissingThenThrows() throws IOException {
    AuditOptions small = trail.options().withSegmentBytes(1);
    trail.write(small, List.of(allowed(1), allowed(2), allowed(3)));
    Path aside = dir.resolve("aside");

    for (int number = 1; number <= 3; number++) {
      Files.move(trail.segment(number), aside);
      String name = trail.segment(number).getFileName().toString();
      assertThatThrownBy(() -> FileAuditLog.open(small))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining(name);
      Files.move(aside, trail.segment(number), StandardCopyOption.REPLACE_EXISTING);
    }

    trail.write(small, List.of(allowed(4)));
    assertThat(trail.verify().sound()).isTrue();
  }

  private void write(int records) {
    List<AuditRecord> all = new ArrayList<>();
    for (int n = 1; n <= records; n++) {
      all.add(allowed(n));
    }
    trail.write(trail.options(), all);
  }

  private interface Edit {
    void apply(List<String> lines);
  }

  private void edit(Edit edit) throws IOException {
    List<String> lines = new ArrayList<>(trail.lines(1));
    edit.apply(lines);
    trail.replaceLines(1, lines);
  }

  private static String rehash(String line) {
    String unsealed = line.substring(0, line.lastIndexOf(",\"hash\"")) + "}}}";
    LineBytes bytes = new LineBytes();
    bytes.put(unsealed.getBytes());
    byte[] sealed = SealedLine.seal(bytes, SealedLine.hash(unsealed.getBytes()));
    return new String(sealed).strip();
  }

  private Map<Path, String> snapshot() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    try (var all = Files.walk(trail.directory())) {
      for (Path file : all.toList()) {
        String content = Files.isDirectory(file) ? "" : Files.readString(file);
        if (!file.equals(trail.files().lock())) {
          files.put(file, Files.getLastModifiedTime(file) + content);
        }
      }
    }
    return files;
  }
}
