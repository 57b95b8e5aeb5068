// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReportTokenTests {
  @TempDir private Path directory;

  private Path file(String text, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return file;
  }

  @Test
  void ofWhenThereIsNoFileThenMakesOneForItsOwnerOnly() throws IOException {
    Path file = directory.resolve("new");

    ReportToken token = ReportToken.of(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String made = Files.readString(file).strip();
    assertThat(made).matches("[A-Za-z0-9_-]{43}");
    assertThat(token.isShownBy(List.of("Bearer " + made))).isTrue();
    assertThat(ReportToken.of(file).isShownBy(List.of("Bearer " + made))).isTrue();
    assertThat(token).asString().doesNotContain(made);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw----r-x", "rw-rw-rw-", "rw-----w-"})
  void ofWhenOthersMayReadOrWriteItThenDenies(String mode) throws IOException {
    Path file = file("x".repeat(40), mode);

    assertThatThrownBy(() -> ReportToken.of(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("others may read", mode, "chmod");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------", "rw-r-----"})
  void ofWhenOwnerAndGroupMayReadItThenTakesIt(String mode) throws IOException {
    assertThat(ReportToken.of(file("y".repeat(40), mode)).isShownBy(List.of())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "with a space in it, and long enough otherwise"})
  void ofWhenItHoldsNoTokenThenDeniesAndDoesNotShowIt(String text) throws IOException {
    Path file = file(text, "rw-------");

    assertThatThrownBy(() -> ReportToken.of(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32 to 128")
        .satisfies(e -> assertThat(text.isEmpty() || !e.getMessage().contains(text)).isTrue());
  }

  @Test
  void ofWhenItCannotBeReadThenDenies() {
    assertThatThrownBy(() -> ReportToken.of(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(directory.toString());
  }
}
