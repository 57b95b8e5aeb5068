// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileVaultTest {
  private static final String NAME = "servicenow/acme";
  private static final StoredCredential BASIC =
      new StoredCredential.Basic("svc-agent", Secret.of("hunter2-hunter2"));
  private static final StoredCredential KEY =
      new StoredCredential.ApiKey("x-sn-apikey", Secret.of("k-0123456789"));

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock();
  private Path file;
  private VaultKey key;

  @BeforeEach
  void createKey() {
    file = directory.resolve("vault.jwe");
    key = VaultKey.generate(directory.resolve("vault.key"));
  }

  @Nested
  class Entries {

    @Test
    void putWhenReadByAnotherThenSameCredential() {
      FileVault vault = FileVault.init(file, key, clock);

      vault.put(NAME, BASIC);

      assertThat(FileVault.open(file, key, clock).get(NAME).map(StoredEntry::credential))
          .contains(BASIC);
    }

    @Test
    void putWhenAnotherVaultIsOpenThenItSeesEveryChange() {
      FileVault writer = FileVault.init(file, key, clock);
      FileVault reader = FileVault.open(file, key, clock);

      for (int i = 0; i < 50; i++) {
        StoredCredential changed =
            new StoredCredential.Basic("svc-agent", Secret.of("password-" + (100 + i)));
        writer.put(NAME, changed);

        assertThat(reader.get(NAME).map(StoredEntry::credential)).contains(changed);
      }
    }

    @Test
    void putWhenSameValueThenVersionDiffers() {
      FileVault vault = FileVault.init(file, key, clock);
      StoredEntry first = vault.put(NAME, BASIC);

      StoredEntry second = vault.put(NAME, BASIC);

      assertThat(second.version()).isNotEqualTo(first.version());
    }

    @Test
    void listThenNamesTypesAndTimesInOrder() {
      FileVault vault = FileVault.init(file, key, clock);
      vault.put("workday/acme", KEY);
      clock.advance(Duration.ofMinutes(1));
      vault.put(NAME, BASIC);

      List<FileVault.Listing> listed = vault.list();

      assertThat(listed)
          .containsExactly(
              new FileVault.Listing(NAME, CredentialType.BASIC, FakeClock.START.plusSeconds(60)),
              new FileVault.Listing("workday/acme", CredentialType.API_KEY, FakeClock.START));
    }

    @Test
    void removeThenGone() {
      FileVault vault = FileVault.init(file, key, clock);
      vault.put(NAME, BASIC);

      boolean removed = vault.remove(NAME);

      assertThat(removed).isTrue();
      assertThat(FileVault.open(file, key, clock).get(NAME)).isEmpty();
    }

    @Test
    void removeWhenAbsentThenFalseAndFileUntouched() throws IOException {
      FileVault vault = FileVault.init(file, key, clock);
      byte[] before = Files.readAllBytes(file);

      boolean removed = vault.remove(NAME);

      assertThat(removed).isFalse();
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void replaceWhenUnchangedThenStored() {
      FileVault vault = FileVault.init(file, key, clock);
      StoredEntry entry = vault.put(NAME, BASIC);

      Optional<StoredEntry> replaced = vault.replace(entry, KEY);

      assertThat(replaced).isPresent();
      assertThat(vault.get(NAME)).isEqualTo(replaced);
    }

    @Test
    void replaceWhenChangedMeanwhileThenKeepsTheOther() {
      FileVault vault = FileVault.init(file, key, clock);
      StoredEntry entry = vault.put(NAME, BASIC);
      StoredEntry other = vault.put(NAME, BASIC);

      Optional<StoredEntry> replaced = vault.replace(entry, KEY);

      assertThat(replaced).isEmpty();
      assertThat(vault.get(NAME)).contains(other);
    }

    @Test
    void replaceWhenRemovedMeanwhileThenStaysRemoved() {
      FileVault vault = FileVault.init(file, key, clock);
      StoredEntry entry = vault.put(NAME, BASIC);
      vault.remove(NAME);

      Optional<StoredEntry> replaced = vault.replace(entry, KEY);

      assertThat(replaced).isEmpty();
      assertThat(vault.list()).isEmpty();
    }

    @Test
    void putWhenNameIsNoneThenNamesTheRule() {
      FileVault vault = FileVault.init(file, key, clock);

      assertThatThrownBy(() -> vault.put("../etc/passwd", BASIC))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("servicenow/acme");
    }

    @Test
    void putWhenManyThreadsThenNoneIsLost() throws Exception {
      FileVault.init(file, key, clock);
      CountDownLatch start = new CountDownLatch(1);

      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<StoredEntry>> puts =
            IntStream.range(0, 24)
                .mapToObj(
                    i ->
                        threads.submit(
                            () -> {
                              FileVault own = FileVault.open(file, key, clock);
                              start.await();
                              return own.put("entry-" + i, BASIC);
                            }))
                .toList();
        start.countDown();
        for (Future<StoredEntry> put : puts) {
          put.get();
        }
      }

      assertThat(FileVault.open(file, key, clock).list()).hasSize(24);
    }

    @Test
    void putWhenUnicodeThenUnchanged() {
      StoredCredential unicode =
          new StoredCredential.Basic("агент-日本", Secret.of("pässwörd-🔑-\u200e-e\u0301"));
      FileVault vault = FileVault.init(file, key, clock);

      vault.put(NAME, unicode);

      assertThat(FileVault.open(file, key, clock).get(NAME).map(StoredEntry::credential))
          .contains(unicode);
    }

    @Test
    void putWhenLargeThenUnchanged() {
      StoredCredential large =
          new StoredCredential.Basic("svc", Secret.of("0123456789abcdef".repeat(16 * 1024)));
      FileVault vault = FileVault.init(file, key, clock);

      vault.put(NAME, large);

      assertThat(FileVault.open(file, key, clock).get(NAME).map(StoredEntry::credential))
          .contains(large);
    }
  }

  @Nested
  class OnDisk {

    @Test
    void initThenOnlyTheOwnerReads() throws IOException {
      FileVault.init(file, key, clock).put(NAME, BASIC);

      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }

    @Test
    void initWhenPresentThenLeftAsItIs() throws IOException {
      FileVault.init(file, key, clock).put(NAME, BASIC);
      byte[] before = Files.readAllBytes(file);

      assertProblem(() -> FileVault.init(file, key, clock), Problem.PRESENT);

      assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void openWhenAbsentThenSaysSoAndCreatesNothing() {
      assertProblem(() -> FileVault.open(file, key, clock), Problem.ABSENT);

      assertThat(file).doesNotExist();
    }

    @Test
    void putThenNoTemporaryFileStays() throws IOException {
      FileVault vault = FileVault.init(file, key, clock);

      vault.put(NAME, BASIC);

      assertThat(names()).containsExactlyInAnyOrder("vault.jwe", "vault.jwe.lock", "vault.key");
    }

    @Test
    void putWhenAnotherWriterWasKilledThenItsTemporaryFileGoes() throws IOException {
      FileVault vault = FileVault.init(file, key, clock);
      Files.writeString(directory.resolve(".vault.jwe.0011223344556677.tmp"), "half");

      vault.put(NAME, BASIC);

      assertThat(names()).containsExactlyInAnyOrder("vault.jwe", "vault.jwe.lock", "vault.key");
    }

    @Test
    void putWhenVaultIsALinkThenTheLinkStays() throws IOException {
      FileVault.init(file, key, clock);
      Path link = Files.createSymbolicLink(directory.resolve("link.jwe"), file);

      FileVault.open(link, key, clock).put(NAME, BASIC);

      assertThat(Files.isSymbolicLink(link)).isTrue();
      assertThat(FileVault.open(file, key, clock).list()).hasSize(1);
    }

    @Test
    void getWhenFileTimeAndSizeAreTheSameThenStillSeesTheChange() throws IOException {
      FileVault writer = FileVault.init(file, key, clock);
      writer.put(NAME, new StoredCredential.Basic("svc", Secret.of("first-password")));
      FileTime time = FileTime.fromMillis(1_700_000_000_000L);
      Files.setLastModifiedTime(file, time);
      FileVault reader = FileVault.open(file, key, clock);
      StoredCredential second = new StoredCredential.Basic("svc", Secret.of("other-password"));
      byte[] changed = changed(writer, second);
      Files.write(file, changed);
      Files.setLastModifiedTime(file, time);

      Optional<StoredEntry> seen = reader.get(NAME);

      assertThat(seen.map(StoredEntry::credential)).contains(second);
    }

    private byte[] changed(FileVault writer, StoredCredential credential) throws IOException {
      byte[] before = Files.readAllBytes(file);
      Path copy = directory.resolve("copy.jwe");
      Files.write(copy, before);
      FileVault.open(copy, key, clock).put(NAME, credential);
      return Files.readAllBytes(copy);
    }

    private List<String> names() throws IOException {
      try (Stream<Path> files = Files.list(directory)) {
        return files.map(path -> path.getFileName().toString()).toList();
      }
    }
  }

  @Nested
  class Damage {

    @Test
    void openWhenCutAtAnyLengthThenDamagedAndUntouched() throws IOException {
      FileVault.init(file, key, clock).put(NAME, KEY);
      byte[] whole = Files.readAllBytes(file);

      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        Files.write(file, cut);

        assertProblem(() -> FileVault.open(file, key, clock), Problem.DAMAGED);
        assertThat(Files.readAllBytes(file)).isEqualTo(cut);
      }
    }

    @Test
    void openWhenAnyBitIsFlippedThenDamaged() throws IOException {
      FileVault.init(file, key, clock);
      byte[] whole = Files.readAllBytes(file);

      for (int bit = 0; bit < whole.length * 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        Files.write(file, flipped);

        assertProblem(() -> FileVault.open(file, key, clock), Problem.DAMAGED);
      }
    }

    @Test
    void openWhenSomethingIsAppendedThenDamaged() throws IOException {
      FileVault.init(file, key, clock);
      Files.writeString(file, Files.readString(file) + "\n");

      assertProblem(() -> FileVault.open(file, key, clock), Problem.DAMAGED);
    }

    @Test
    void openWhenAnotherKindOfFileThenDamaged() throws IOException {
      Files.writeString(file, "-----BEGIN CERTIFICATE-----\n");

      assertProblem(() -> FileVault.open(file, key, clock), Problem.DAMAGED);
    }

    @Test
    void putWhenDamagedMeanwhileThenNotOverwritten() throws IOException {
      FileVault vault = FileVault.init(file, key, clock);
      byte[] garbage = "garbage".getBytes(StandardCharsets.UTF_8);
      Files.write(file, garbage);

      assertProblem(() -> vault.put(NAME, BASIC), Problem.DAMAGED);

      assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
    }

    @Test
    void putWhenDeletedMeanwhileThenNotCreatedAnew() throws IOException {
      FileVault vault = FileVault.init(file, key, clock);
      Files.delete(file);

      assertProblem(() -> vault.put(NAME, BASIC), Problem.ABSENT);

      assertThat(Files.exists(file, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
  }

  @Nested
  class Keys {

    @Test
    void openWhenAnotherKeyThenWrongKeyAndUntouched() throws IOException {
      FileVault.init(file, key, clock).put(NAME, BASIC);
      byte[] before = Files.readAllBytes(file);
      VaultKey other = VaultKey.generate(directory.resolve("other.key"));

      assertProblem(() -> FileVault.open(file, other, clock), Problem.WRONG_KEY);
      assertThatThrownBy(() -> FileVault.open(file, other, clock))
          .hasMessage(
              "the vault %s was not sealed with this key file %s",
              file, directory.resolve("other.key"));

      assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void openWhenPassphraseIsRightThenReads() {
      char[] passphrase = "correct horse bättery".toCharArray();
      FileVault.init(file, VaultKey.ofPassphrase(passphrase), clock).put(NAME, BASIC);

      FileVault opened = FileVault.open(file, VaultKey.ofPassphrase(passphrase), clock);

      assertThat(opened.get(NAME)).isPresent();
    }

    @Test
    void openWhenPassphraseIsComposedDifferentlyThenReads() {
      FileVault.init(file, VaultKey.ofPassphrase("correct horse b\u00e4".toCharArray()), clock);

      FileVault opened =
          FileVault.open(
              file, VaultKey.ofPassphrase("correct horse ba\u0308".toCharArray()), clock);

      assertThat(opened.list()).isEmpty();
    }

    @Test
    void openWhenPassphraseIsWrongThenWrongKey() {
      FileVault.init(file, VaultKey.ofPassphrase("correct horse battery".toCharArray()), clock);

      assertProblem(
          () ->
              FileVault.open(
                  file, VaultKey.ofPassphrase("correct horse batterz".toCharArray()), clock),
          Problem.WRONG_KEY);
    }

    @Test
    void openWhenKeyInsteadOfPassphraseThenSaysSo() {
      FileVault.init(file, VaultKey.ofPassphrase("correct horse battery".toCharArray()), clock);

      assertThatThrownBy(() -> FileVault.open(file, key, clock))
          .hasMessageContaining("sealed with a passphrase, not with a key");
    }

    @Test
    void rotateThenOnlyTheNewKeyOpens() {
      FileVault vault = FileVault.init(file, key, clock);
      StoredEntry entry = vault.put(NAME, BASIC);
      VaultKey next = VaultKey.generate(directory.resolve("next.key"));

      FileVault rotated = vault.rotate(next);

      assertThat(rotated.get(NAME)).contains(entry);
      assertProblem(() -> FileVault.open(file, key, clock), Problem.WRONG_KEY);
      assertProblem(() -> vault.put(NAME, KEY), Problem.WRONG_KEY);
      assertThat(FileVault.open(file, next, clock).get(NAME)).contains(entry);
    }

    @Test
    void rotateWhenKeyFileIsReplacedThenAnOpenVaultGoesOn() throws IOException {
      FileVault open = FileVault.init(file, key, clock);
      StoredEntry entry = open.put(NAME, BASIC);
      Path next = directory.resolve("next.key");
      open.rotate(VaultKey.generate(next));

      Files.move(next, directory.resolve("vault.key"), StandardCopyOption.REPLACE_EXISTING);

      assertThat(open.get(NAME)).contains(entry);
    }
  }

  static void assertProblem(Runnable action, Problem expected) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            CredentialStoreException.class, e -> assertThat(e.problem()).isEqualTo(expected));
  }
}
