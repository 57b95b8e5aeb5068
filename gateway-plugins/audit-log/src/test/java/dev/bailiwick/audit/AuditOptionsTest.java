// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditOptionsTest {

  @TempDir Path dir;

  @Test
  void ofWhenNothingElseIsSaidThenDefaults() {
    AuditOptions options = AuditOptions.of(dir, "gateway-a1", Clock.systemUTC());

    assertThat(options.signingKey()).isEmpty();
    assertThat(options.segmentBytes()).isEqualTo(67_108_864);
    assertThat(options.queueRecords()).isEqualTo(16_384);
    assertThat(options.batchAge()).isEqualTo(Duration.ofMillis(2));
    assertThat(options.idleBatchAge()).isEqualTo(Duration.ofMillis(250));
    assertThat(options.retryAge()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void withWhenCalledThenOnlyThatChanges() {
    AuditOptions options = AuditOptions.of(dir, "gateway-a1", Clock.systemUTC());

    AuditOptions changed =
        options
            .withSigningKey(dir.resolve("k"))
            .withSegmentBytes(1)
            .withQueueRecords(2)
            .withBatchAges(Duration.ofMillis(3), Duration.ofMillis(4))
            .withRetryAge(Duration.ofMillis(5));

    assertThat(changed)
        .isEqualTo(
            new AuditOptions(
                dir,
                "gateway-a1",
                options.clock(),
                Optional.of(dir.resolve("k")),
                1,
                2,
                Duration.ofMillis(3),
                Duration.ofMillis(4),
                Duration.ofMillis(5)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../x", "a/b", "-a", ".a", "a\nb", "ü", "a b"})
  void ofWhenWriterIsNoPlainNameThenSaysWhatIsAllowed(String writer) {
    assertThatThrownBy(() -> AuditOptions.of(dir, writer, Clock.systemUTC()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("writer must be 1 to 64 letters");
  }

  @Test
  void withWhenAValueIsImpossibleThenNamesIt() {
    AuditOptions options = AuditOptions.of(dir, "a".repeat(64), Clock.systemUTC());

    assertThatThrownBy(() -> options.withSegmentBytes(0)).hasMessageContaining("segmentBytes");
    assertThatThrownBy(() -> options.withQueueRecords(0)).hasMessageContaining("queueRecords");
    assertThatThrownBy(() -> options.withBatchAges(Duration.ofMillis(2), Duration.ofMillis(1)))
        .hasMessageContaining("batchAge");
    assertThatThrownBy(() -> options.withRetryAge(Duration.ZERO)).hasMessageContaining("retryAge");
    assertThatThrownBy(() -> AuditOptions.of(dir, "a".repeat(65), Clock.systemUTC()))
        .hasMessageContaining("writer");
  }

  @Test
  void openWhenKeyFileIsGivenThenKeyIsThereAndPublicKeyIsBesideTheTrail() throws Exception {
    Path key = Files.createDirectory(dir.resolve("keys")).resolve("audit.key");
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a");

    trail.write(trail.options().withSigningKey(key), TestRecords.oneOfEach());

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(trail.files().signingKey()).doesNotExist();
    assertThat(trail.verify().sound()).isTrue();
  }

  @Test
  void openWhenOthersMayReadTheKeyThenThrows() throws Exception {
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a").write();
    Files.setPosixFilePermissions(
        trail.files().signingKey(), PosixFilePermissions.fromString("rw-r-----"));

    assertThatThrownBy(trail::write)
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("can be used by other users");
  }

  @Test
  void openWhenTheKeyIsMissingThenMakesNoNewOne() throws Exception {
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a").write();
    Files.delete(trail.files().signingKey());

    assertThatThrownBy(trail::write)
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("is missing, but the trail was signed with it");
    assertThat(trail.files().signingKey()).doesNotExist();
  }

  @Test
  void openWhenTheKeyIsDamagedThenSaysNothingOfItsContent() throws Exception {
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a").write();
    String pem = Files.readString(trail.files().signingKey());
    Files.writeString(trail.files().signingKey(), pem.replaceFirst("MC4C", "MC4D"));

    assertThatThrownBy(trail::write)
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("is not an Ed25519 key")
        .hasNoCause();
  }

  @Test
  void openWhenThePublicKeyWasReplacedThenThrows() throws Exception {
    TestTrail trail = new TestTrail(dir.resolve("audit"), "gateway-a").write();
    TestTrail other = new TestTrail(dir.resolve("audit"), "gateway-b").write();
    Files.delete(trail.files().publicKey());
    Files.copy(other.files().publicKey(), trail.files().publicKey());

    assertThatThrownBy(trail::write).hasMessageContaining("does not belong to the signing key");
  }
}
