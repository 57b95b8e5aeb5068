// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.FileVaultTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultKeyTest {
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  @Test
  void generateThenThirtyTwoBytesForTheOwnerOnly() throws IOException {
    Path file = directory.resolve("vault.key");

    VaultKey key = VaultKey.generate(file);

    assertThat(Files.size(file)).isEqualTo(32);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(VaultKey.ofFile(file).open(key.seal(CONTENT))).contains(CONTENT);
  }

  @Test
  void generateWhenPresentThenNotOverwritten() throws IOException {
    Path file = directory.resolve("vault.key");
    VaultKey.generate(file);
    byte[] before = Files.readAllBytes(file);

    assertProblem(() -> VaultKey.generate(file), Problem.PRESENT);

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void generateWhenTheDirectoryIsMissingThenSaysSo() {
    assertThatThrownBy(() -> VaultKey.generate(directory.resolve("no/vault.key")))
        .hasMessageEndingWith("cannot be written: no such file or directory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rw-r-----",
        "rw-rw----",
        "rw----r--",
        "rw-----w-",
        "rw------x",
        "r--r--r--",
        "rwxrwxrwx",
        "rw---x---"
      })
  void ofFileWhenOthersMayUseItThenUnusable(String mode) throws IOException {
    Path file = directory.resolve("vault.key");
    VaultKey.generate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

    assertThatThrownBy(() -> VaultKey.ofFile(file))
        .hasMessage(
            "the key file "
                + file
                + " is open to others (mode "
                + mode
                + "); run: chmod 600 "
                + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------"})
  void ofFileWhenOnlyTheOwnerReadsThenUsable(String mode) throws IOException {
    Path file = directory.resolve("vault.key");
    VaultKey.generate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

    VaultKey key = VaultKey.ofFile(file);

    assertThat(key.open(key.seal(CONTENT))).contains(CONTENT);
  }

  @Test
  void sealWhenTheFileBecameOpenMeanwhileThenUnusable() throws IOException {
    Path file = directory.resolve("vault.key");
    VaultKey key = VaultKey.generate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertProblem(() -> key.seal(CONTENT), Problem.KEY);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 31, 33, 64, 100_000})
  void ofFileWhenNotThirtyTwoBytesThenUnusable(int length) throws IOException {
    Path file = directory.resolve("vault.key");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, new byte[length]);

    assertProblem(() -> VaultKey.ofFile(file), Problem.KEY);
  }

  @Test
  void ofFileWhenAbsentThenUnusable() {
    assertThatThrownBy(() -> VaultKey.ofFile(directory.resolve("no.key")))
        .hasMessage("there is no key file " + directory.resolve("no.key"));
  }

  @Test
  void ofFileWhenDirectoryThenUnusable() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    assertProblem(() -> VaultKey.ofFile(folder), Problem.KEY);
  }

  @Test
  void ofEnvironmentThenTheKey() {
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);

    VaultKey key = VaultKey.ofEnvironment(Map.of("BAILIWICK_VAULT_KEY", text)).orElseThrow();

    assertThat(key.open(key.seal(CONTENT))).contains(CONTENT);
  }

  @Test
  void ofEnvironmentWhenNotSetThenEmpty() {
    assertThat(VaultKey.ofEnvironment(Map.of())).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hunter2", "AAAA", "not+base64url/", "\n"})
  void ofEnvironmentWhenUnusableThenSaysSoWithoutShowingIt(String text) {
    assertThatThrownBy(() -> VaultKey.ofEnvironment(Map.of("BAILIWICK_VAULT_KEY", text)))
        .hasMessage("BAILIWICK_VAULT_KEY does not hold 32 bytes as base64url")
        .hasNoCause();
  }

  @Test
  void ofPassphraseWhenShortThenUnusable() {
    assertThatThrownBy(() -> VaultKey.ofPassphrase("hunter2-123".toCharArray()))
        .hasMessage("the passphrase has fewer than 12 characters");
  }

  @Test
  void ofPassphraseWhenNotTextThenUnusable() {
    assertProblem(() -> VaultKey.ofPassphrase("correct horse \ud800".toCharArray()), Problem.KEY);
  }

  @Test
  void toStringThenTheKindOnly() {
    Path file = directory.resolve("vault.key");

    assertThat(VaultKey.generate(file)).hasToString("VaultKey[key file " + file + "]");
    assertThat(VaultKey.ofPassphrase("correct horse battery".toCharArray()))
        .hasToString("VaultKey[passphrase]");
  }
}
