// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineReaderTest {

  @TempDir Path dir;

  @Test
  void nextWhenLinesAreWholeThenEndsWithNull() throws IOException {
    assertThat(read("a\n\nbc\n", 0)).containsExactly("a@2", "@3", "bc@6");
  }

  @Test
  void nextWhenTheFileIsEmptyThenNull() throws IOException {
    assertThat(read("", 0)).isEmpty();
  }

  @Test
  void nextWhenTheLastLineIsTornThenSaysSo() throws IOException {
    assertThat(read("a\nbc", 0)).containsExactly("a@2", "bc@4 torn");
  }

  @Test
  void nextWhenBegunLaterThenOffsetsCountFromTheFile() throws IOException {
    assertThat(read("abc\nde\n", 4)).containsExactly("de@7");
  }

  @Test
  void nextWhenLinesAreLongerThanTheBufferThenTheyAreWhole() throws IOException {
    String one = "x".repeat(65_535);
    String two = "y".repeat(200_000);

    assertThat(read(one + "\n" + two + "\nz\n", 0))
        .containsExactly(one + "@65536", two + "@265537", "z@265539");
  }

  @Test
  void nextWhenALineIsOverlongThenItComesInPieces() throws IOException {
    List<String> lines = read("x".repeat(SealedLine.MAX_BYTES + 1) + "\nz\n", 0);

    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).hasSize(SealedLine.MAX_BYTES + "@1048576 torn".length());
    assertThat(lines.get(1)).isEqualTo("x@1048578");
    assertThat(lines.get(2)).isEqualTo("z@1048580");
  }

  private List<String> read(String content, long offset) throws IOException {
    Path file = Files.writeString(dir.resolve("lines"), content);
    List<String> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(FileChannel.open(file), offset)) {
      for (byte[] line = reader.next(); line != null; line = reader.next()) {
        lines.add(
            new String(line, StandardCharsets.US_ASCII)
                + "@"
                + reader.offset()
                + (reader.terminated() ? "" : " torn"));
      }
    }
    return lines;
  }
}
