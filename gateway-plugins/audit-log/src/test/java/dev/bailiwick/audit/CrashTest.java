// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static dev.bailiwick.audit.TestRecords.allowed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.audit.AuditVerification.What;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash leaves behind, and who may write a trail. */
class CrashTest {

  @TempDir Path dir;
  private TestTrail trail;

  @BeforeEach
  void setUp() {
    trail = new TestTrail(dir.resolve("audit"), "gateway-a");
  }

  @Test
  void openWhenTheLastLineIsTornThenKeepsItAsideAndRecordsIt() throws IOException {
    String piece = tearLastLine();
    assertThat(trail.problem().what()).isEqualTo(What.TORN_TAIL);

    trail.write(allowed(4));

    assertThat(kept()).singleElement().satisfies(file -> assertThat(file).hasContent(piece));
    assertThat(trail.lines(1)).hasSize(4);
    assertThat(trail.lines(1).get(2))
        .contains("\"code\":\"TAIL_KEPT_ASIDE\"")
        .contains(piece.length() + " bytes")
        .contains(kept().getFirst().getFileName().toString())
        .contains(SealedLine.hash(piece.getBytes(StandardCharsets.US_ASCII)));
    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.writers().getFirst().notes()).isEqualTo(1);
  }

  @Test
  void openWhenItCrashesAgainBeforeTheNoteThenTheNoteIsWrittenLater() throws IOException {
    String piece = tearLastLine();
    byte[] torn = Files.readAllBytes(trail.segment(1));
    Files.createDirectory(trail.files().quarantine());
    Path pending = trail.files().quarantine().resolve("000001-1.pending");
    Files.writeString(pending, piece);
    Files.write(trail.segment(1), Arrays.copyOf(torn, torn.length - piece.length()));

    trail.write(allowed(3));

    assertThat(kept()).singleElement().satisfies(file -> assertThat(file).hasContent(piece));
    assertThat(trail.lines(1).get(2)).contains("TAIL_KEPT_ASIDE");
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void openWhenBytesBehindTheHeadAreGarbageThenKeepsAllOfThemAside() throws IOException {
    trail.write(allowed(1), allowed(2));
    byte[] head = Files.readAllBytes(trail.files().head());
    byte[] good = Files.readAllBytes(trail.segment(1));
    trail.write(allowed(3), allowed(4));
    byte[] crashed = Files.readAllBytes(trail.segment(1));
    Arrays.fill(crashed, good.length + 10, good.length + 60, (byte) 0);
    Files.write(trail.segment(1), crashed);
    Files.write(trail.files().head(), head);

    trail.write(allowed(5));

    assertThat(kept()).singleElement();
    assertThat(Files.size(kept().getFirst())).isEqualTo(crashed.length - good.length);
    assertThat(trail.lines(1)).hasSize(4);
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void openWhenTheHeadIsBehindThenContinuesAndRecordsIt() throws IOException {
    trail.write(allowed(1), allowed(2));
    byte[] head = Files.readAllBytes(trail.files().head());
    trail.write(allowed(3));
    Files.write(trail.files().head(), head);

    trail.write(allowed(4));

    assertThat(trail.lines(1)).hasSize(5);
    assertThat(trail.lines(1).get(3))
        .contains("UNSIGNED_RECORDS_CONTINUED")
        .contains("behind record 3")
        .contains("names record 2");
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void openWhenItCrashedRightAfterRotationThenContinues() throws IOException {
    AuditOptions small = trail.options().withSegmentBytes(1);
    trail.write(small, List.of(allowed(1), allowed(2)));
    Files.createFile(trail.segment(3));

    trail.write(small, List.of(allowed(3)));

    assertThat(trail.lines(3)).hasSize(1);
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void openWhenItCrashedBeforeTheFirstRecordThenBegins() throws IOException {
    trail.write();
    assertThat(trail.verify().sound()).isTrue();

    trail.write(allowed(1));

    assertThat(trail.verify().records()).isEqualTo(1);
  }

  @Test
  void openWhenItCrashedBeforeTheFirstHeadThenBegins() throws IOException {
    trail.write();
    Files.delete(trail.files().head());

    trail.write(allowed(1));

    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void killWhenWritingThenEveryAcknowledgedRecordIsThere() throws Exception {
    long acknowledged;
    try (OtherProcess other = OtherProcess.start(trail)) {
      other.awaitAcknowledged(200);
      acknowledged = other.kill();
    }

    trail.write(allowed(1));

    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(acknowledged).isGreaterThanOrEqualTo(200);
    assertThat(found.records()).isGreaterThan(acknowledged);
  }

  @Test
  void openWhenAnotherProcessWritesThenNamesIt() throws Exception {
    try (OtherProcess other = OtherProcess.start(trail)) {
      assertThat(other.nextLine()).isEqualTo("1");

      assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("in use by process " + other.pid())
          .hasMessageContaining("a writer name of its own");
    }
  }

  @Test
  void openWhenThisProcessWritesThenTheFirstStaysProtectedFromOthers() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("in use by this process");

      try (OtherProcess other = OtherProcess.start(trail)) {
        assertThat(other.nextLine()).contains("in use by process " + ProcessHandle.current().pid());
      }
      assertThat(TestTrail.receipt(log, allowed(1)).sequence()).isEqualTo(1);
    }
  }

  @Test
  void openWhenTwoWritersShareADirectoryThenEachHasItsChain() throws Exception {
    TestTrail enforcer = new TestTrail(trail.directory(), "enforcer-a");
    try (FileAuditLog gateway = FileAuditLog.open(trail.options());
        OtherProcess other = OtherProcess.start(enforcer)) {
      assertThat(other.nextLine()).isEqualTo("1");
      assertThat(TestTrail.receipt(gateway, allowed(1)).sequence()).isEqualTo(1);
      other.kill();
    }
    enforcer.write();

    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    assertThat(found.writers())
        .extracting(AuditVerification.WriterReport::writer)
        .containsExactly("enforcer-a", "gateway-a");
  }

  /** Leaves two whole records, the head of the second, and a piece of the third. */
  private String tearLastLine() throws IOException {
    trail.write(allowed(1), allowed(2));
    byte[] head = Files.readAllBytes(trail.files().head());
    trail.write(allowed(3));
    String piece = trail.lines(1).get(2).substring(0, 100);
    Files.writeString(
        trail.segment(1), String.join("\n", trail.lines(1).subList(0, 2)) + "\n" + piece);
    Files.write(trail.files().head(), head);
    return piece;
  }

  private List<Path> kept() throws IOException {
    try (var files = Files.list(trail.files().quarantine())) {
      return files.filter(file -> file.toString().endsWith(".kept")).toList();
    }
  }
}
