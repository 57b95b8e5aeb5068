// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.FileVaultTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A vault among other processes: writers, a writer that is killed, a disk that is full. */
@Timeout(120)
class VaultProcessesTest {
  private static final StoredCredential CREDENTIAL =
      new StoredCredential.Basic("svc", Secret.of("hunter2-hunter2"));

  @TempDir Path directory;
  private final FakeClock clock = new FakeClock();
  private Path file;
  private VaultKey key;

  @BeforeEach
  void createVault() {
    file = directory.resolve("vault.jwe");
    key = VaultKey.generate(directory.resolve("vault.key"));
    FileVault.init(file, key, clock).put("before", CREDENTIAL);
  }

  @Test
  void putWhenThreeProcessesWriteThenNothingIsLost() throws Exception {
    FileVault own = FileVault.open(file, key, clock);
    Process first = writer("first", 40, 16).start();
    Process second = writer("second", 40, 16).start();

    for (int i = 0; i < 40; i++) {
      own.put("own-" + i, CREDENTIAL);
    }
    List<String> output = new ArrayList<>(lines(first));
    output.addAll(lines(second));

    assertThat(output).hasSize(80).allMatch(line -> line.startsWith("put "));
    assertThat(own.list()).hasSize(121);
  }

  @Test
  void openWhenAWriterIsKilledThenEverythingItReportedIsThere() throws Exception {
    Process writer = writer("killed", 100_000, 5_000).start();
    List<String> reported = new ArrayList<>();
    try (BufferedReader output = writer.inputReader()) {
      while (reported.size() < 20) {
        reported.add(output.readLine());
      }
      // Through its handle: the process itself would close its output too.
      writer.toHandle().destroyForcibly();
      writer.waitFor();
      output.lines().forEach(reported::add);
    }

    FileVault vault = FileVault.open(file, key, clock);

    assertThat(vault.list().stream().map(FileVault.Listing::name))
        .contains("before")
        .containsAll(
            reported.stream()
                .filter(line -> line.matches("put killed-\\d+"))
                .map(line -> line.substring("put ".length()))
                .toList());
    vault.put("after", CREDENTIAL);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("vault.jwe", "vault.jwe.lock", "vault.key");
    }
  }

  @Test
  void putWhenTheFileCannotGrowThenTheOldOneStaysWhole() throws Exception {
    byte[] before = Files.readAllBytes(file);
    ProcessBuilder writer = writer("large", 1, 50_000);
    // A limit of a few KiB on every file: as a full disk, but for whichever user runs this.
    List<String> limited = new ArrayList<>(List.of("sh", "-c", "ulimit -f 8; exec \"$@\"", "sh"));
    limited.addAll(writer.command());

    List<String> output = lines(writer.command(limited).start());

    assertThat(output)
        .singleElement()
        .asString()
        .startsWith("STORAGE the vault " + file + " cannot be written: ")
        .endsWith("; it was left as it was");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.filter(path -> path.toString().endsWith(".tmp"))).isEmpty();
    }
  }

  @Test
  void putWhenTheDirectoryTakesNoNewFileThenTheOldOneStaysWhole() throws Exception {
    // Its temporary neighbour would have a name that is too long, which stops even root.
    Path longest = directory.resolve("v".repeat(245));
    Files.move(file, longest);
    FileVault vault = FileVault.open(longest, key, clock);
    byte[] before = Files.readAllBytes(longest);

    assertProblem(() -> vault.put("more", CREDENTIAL), Problem.STORAGE);

    assertThat(Files.readAllBytes(longest)).isEqualTo(before);
    assertThat(vault.get("before")).isPresent();
  }

  @Test
  void putWhenAnotherProcessHoldsTheLockForLongThenBusyAndReadersGoOn() throws Exception {
    FileVault vault = FileVault.open(new VaultFile(file, Duration.ofMillis(100)), key, clock);
    try (FileChannel lock =
        FileChannel.open(directory.resolve("vault.jwe.lock"), StandardOpenOption.WRITE)) {
      lock.lock();

      assertThatThrownBy(() -> vault.put("more", CREDENTIAL))
          .isInstanceOfSatisfying(
              CredentialStoreException.class,
              e -> {
                assertThat(e.problem()).isEqualTo(Problem.BUSY);
                assertThat(e.retryable()).isTrue();
              });
      assertThat(vault.get("before")).isPresent();
    }
    assertThat(vault.put("more", CREDENTIAL)).isNotNull();
  }

  private ProcessBuilder writer(String prefix, int count, int characters) {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            VaultWriter.class.getName(),
            file.toString(),
            directory.resolve("vault.key").toString(),
            prefix,
            String.valueOf(count),
            String.valueOf(characters))
        .redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static List<String> lines(Process process) throws IOException, InterruptedException {
    try (BufferedReader output = process.inputReader()) {
      List<String> lines = output.lines().collect(Collectors.toList());
      assertThat(process.waitFor()).isZero();
      return lines;
    }
  }
}
