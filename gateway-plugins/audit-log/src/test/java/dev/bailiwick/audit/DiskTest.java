// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static dev.bailiwick.audit.TestRecords.allowed;
import static dev.bailiwick.audit.TestTrail.awaitFailure;
import static dev.bailiwick.audit.TestTrail.receipt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the disk fails, and that nothing is lost or reordered by it. */
class DiskTest {

  @TempDir Path dir;
  private TestTrail trail;

  @BeforeEach
  void setUp() {
    trail = new TestTrail(dir.resolve("audit"), "gateway-a");
  }

  @Test
  void openWhenTheDirectoryCannotBeMadeThenSaysWhatToDo() throws Exception {
    Path file = Files.createFile(dir.resolve("file"));

    for (Path impossible : List.of(file, file.resolve("audit"))) {
      assertThatThrownBy(() -> FileAuditLog.open(new TestTrail(impossible, "gateway-a").options()))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("cannot be opened in " + impossible)
          .hasMessageContaining("choose a directory");
    }
  }

  @Test
  void appendWhenTheDirectoryIsGoneThenFailsUntilItIsBack() throws Exception {
    Path aside = dir.resolve("aside");
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      receipt(log, allowed(1));
      Files.move(trail.directory(), aside);

      assertThatThrownBy(() -> receipt(log, allowed(2)))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("is gone: put the directory back");
      assertThat(log.failure()).hasValueSatisfying(why -> assertThat(why).contains("is gone"));
      assertThatThrownBy(() -> receipt(log, allowed(3))).isInstanceOf(AuditException.class);

      Files.move(aside, trail.directory());
      awaitFailure(log, false);
      assertThat(receipt(log, allowed(4)).sequence()).isEqualTo(4);
    }

    assertSoundWithCalls(1, 2, 3, 4);
  }

  @Test
  void appendWhenTheFileIsReplacedByACopyThenContinuesIt() throws Exception {
    Path copy = dir.resolve("copy");
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      receipt(log, allowed(1));
      Files.copy(trail.segment(1), copy);
      Files.move(copy, trail.segment(1), StandardCopyOption.REPLACE_EXISTING);

      assertThatThrownBy(() -> receipt(log, allowed(2))).isInstanceOf(AuditException.class);

      awaitFailure(log, false);
      assertThat(receipt(log, allowed(3)).sequence()).isEqualTo(3);
    }

    assertSoundWithCalls(1, 2, 3);
  }

  @Test
  void appendWhenTheFileWasCutMeanwhileThenFailsUntilItIsRestored() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      receipt(log, allowed(1));
      byte[] original = Files.readAllBytes(trail.segment(1));
      Files.write(trail.segment(1), Arrays.copyOf(original, 40));

      assertThatThrownBy(() -> receipt(log, allowed(2))).isInstanceOf(AuditException.class);
      awaitTouched(log);

      Files.write(trail.segment(1), original);
      awaitFailure(log, false);
    }

    assertSoundWithCalls(1, 2);
  }

  private static void awaitTouched(FileAuditLog log) throws InterruptedException {
    for (int n = 0; n < 3000; n++) {
      if (log.failure().orElse("").contains("put back the file that was there")) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError(log.failure().toString());
  }

  @Test
  void appendWhenSomebodyElseAppendedThenKeepsThatAsideAndGoesOn() throws Exception {
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      receipt(log, allowed(1));
      Files.writeString(trail.segment(1), "forged\n", StandardOpenOption.APPEND);

      assertThatThrownBy(() -> receipt(log, allowed(2)))
          .hasMessageContaining("changed by somebody else");

      awaitFailure(log, false);
      receipt(log, allowed(3));
    }

    assertThat(trail.lines(1)).noneMatch(line -> line.equals("forged"));
    assertThat(String.join("\n", trail.lines(1))).contains("TAIL_KEPT_ASIDE");
    try (var kept = Files.list(trail.files().quarantine())) {
      assertThat(kept).singleElement().satisfies(file -> assertThat(file).hasContent("forged\n"));
    }
    assertSoundWithCalls(1, 2, 3);
  }

  @Test
  void appendWhenTheQueueIsFullThenFailsAndTheTrailSaysHowMany() throws Exception {
    Path aside = dir.resolve("aside");
    try (FileAuditLog log = FileAuditLog.open(trail.options().withQueueRecords(3))) {
      receipt(log, allowed(1));
      Files.move(trail.directory(), aside);
      for (int n = 2; n <= 4; n++) {
        int call = n;
        assertThatThrownBy(() -> receipt(log, allowed(call)))
            .hasMessageContaining("records wait in memory");
      }

      assertThatThrownBy(() -> receipt(log, allowed(5)))
          .hasMessageContaining("No more than 3 audit records can wait")
          .hasMessageContaining("is gone");
      assertThatThrownBy(() -> receipt(log, allowed(6))).isInstanceOf(AuditException.class);
      assertThatThrownBy(() -> log.place(1).toCompletableFuture().join())
          .hasMessageContaining("is gone");

      Files.move(aside, trail.directory());
      awaitFailure(log, false);
    }

    assertSoundWithCalls(1, 2, 3, 4);
    assertThat(trail.lines(1).getLast())
        .contains("RECORDS_NOT_KEPT")
        .contains("too many waited or they were too large: 2.");
  }

  @Test
  void closeWhenTheDiskFailsThenSaysHowManyAreLost() throws Exception {
    FileAuditLog log = FileAuditLog.open(trail.options());
    receipt(log, allowed(1));
    Files.move(trail.directory(), dir.resolve("aside"));
    assertThatThrownBy(() -> receipt(log, allowed(2))).isInstanceOf(AuditException.class);

    assertThatThrownBy(log::close)
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("1 audit records could not be written before the log closed")
        .hasMessageContaining("is gone");
  }

  /** A small disk of its own, which only root can mount. */
  @Nested
  @EnabledIf(
      value = "dev.bailiwick.audit.DiskTest#isRoot",
      disabledReason = "only root can mount a small disk")
  class SmallDisk {

    private Path mount;

    @BeforeEach
    void mount() throws Exception {
      mount = Files.createDirectory(dir.resolve("disk"));
      run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount.toString());
      trail = new TestTrail(mount.resolve("audit"), "gateway-a");
    }

    @AfterEach
    void unmount() throws Exception {
      run("umount", "-l", mount.toString());
    }

    @Test
    void appendWhenTheDiskIsFullThenFailsUntilThereIsSpace() throws Exception {
      Path ballast = mount.resolve("ballast");
      try (FileAuditLog log = FileAuditLog.open(trail.options())) {
        receipt(log, allowed(1));
        fill(ballast);

        int firstFailed = appendUntilFailed(log);
        assertThat(log.failure())
            .hasValueSatisfying(
                why -> assertThat(why).contains("is on a full disk: free some space"));
        assertThatThrownBy(() -> receipt(log, allowed(firstFailed + 1)))
            .hasMessageContaining("free some space");

        Files.delete(ballast);
        awaitFailure(log, false);
        receipt(log, allowed(firstFailed + 2));
        assertSoundWithCalls(java.util.stream.IntStream.rangeClosed(1, firstFailed + 2).toArray());
      }
    }

    @Test
    void appendWhenTheDiskTurnsReadOnlyThenFailsUntilItIsWritable() throws Exception {
      try (FileAuditLog log = FileAuditLog.open(trail.options())) {
        receipt(log, allowed(1));
        // A file that is open for writing keeps the disk writable, so this one is replaced by a
        // bind.
        run("mount", "--bind", mount.toString(), mount.toString());
        run("mount", "-o", "remount,bind,ro", mount.toString());
        try {
          appendUntilReadOnly(log);
          assertThat(log.failure()).isPresent();
        } finally {
          run("umount", "-l", mount.toString());
        }
        awaitFailure(log, false);
      }

      AuditVerification found = trail.verify();
      assertThat(found.sound()).as(found.toText()).isTrue();
    }

    @Test
    void openWhenTheDiskIsReadOnlyThenSaysWhatToDo() throws Exception {
      run("mount", "-o", "remount,ro", mount.toString());

      assertThatThrownBy(() -> FileAuditLog.open(trail.options()))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining("cannot be opened")
          .hasMessageContaining("choose a directory");
    }

    private void appendUntilReadOnly(FileAuditLog log) {
      for (int n = 2; n < 100; n++) {
        try {
          receipt(log, allowed(n));
        } catch (AuditException expected) {
          return;
        }
      }
      throw new AssertionError("a read-only disk took every record");
    }

    private int appendUntilFailed(FileAuditLog log) {
      for (int n = 2; n < 1000; n++) {
        try {
          receipt(log, allowed(n));
        } catch (AuditException expected) {
          return n;
        }
      }
      throw new AssertionError("a full disk took every record");
    }

    private void fill(Path ballast) throws Exception {
      byte[] block = new byte[4096];
      try (var out = Files.newOutputStream(ballast)) {
        while (Files.getFileStore(mount).getUsableSpace() >= 16_384) {
          out.write(block);
        }
      }
    }
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor())
        .as("as root this test needs to mount, but '%s' said: %s", String.join(" ", command), said)
        .isZero();
  }

  /** Every record is there, once, in the order of its appending, whatever its receipt said. */
  private void assertSoundWithCalls(int... calls) {
    AuditVerification found = trail.verify();
    assertThat(found.sound()).as(found.toText()).isTrue();
    List<String> uids =
        trail.lines(1).stream()
            .map(line -> SealedLine.read(line.getBytes()).orElseThrow())
            .filter(line -> line.kind().equals("gateway-decision"))
            .map(line -> line.json().path("api").path("request").path("uid").asString())
            .toList();
    assertThat(uids)
        .containsExactlyElementsOf(Arrays.stream(calls).mapToObj(n -> "call-" + n).toList());
  }
}
