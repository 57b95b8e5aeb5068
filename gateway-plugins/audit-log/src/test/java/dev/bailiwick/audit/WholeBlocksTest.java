// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeBlocksTest {
  private static final int LONG = 300_000;

  @TempDir Path dir;

  @Test
  void writeWhenBatchesOfAnyLengthFollowEachOtherThenTheFileHoldsAllOfThem() throws Exception {
    assertHoldsAll(Files.createFile(dir.resolve("on-disk")));
  }

  /** A file system in memory has other blocks, or none. */
  @Test
  void writeWhenTheFileIsInMemoryThenItHoldsAllOfThem() throws Exception {
    Path file = Files.createTempFile(Path.of("/dev/shm"), "bailiwick", null);
    try {
      assertHoldsAll(file);
    } finally {
      Files.delete(file);
    }
  }

  private static void assertHoldsAll(Path file) throws Exception {
    Random random = new Random(7);
    ByteBuffer memory = WholeBlocks.memory(LONG);
    ByteArrayOutputStream all = new ByteArrayOutputStream();

    try (FileChannel usual = FileChannel.open(file, StandardOpenOption.WRITE);
        WholeBlocks blocks = WholeBlocks.of(file)) {
      for (int length : new int[] {1, 4095, LONG, 8192, LONG, 70_000, 3, LONG - 1, 200_000}) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        int start = blocks.offset(all.size());
        memory.clear().position(start).put(bytes);
        memory.limit(memory.position()).position(start);

        blocks.write(usual, memory, all.size());

        all.write(bytes);
        assertThat(usual.size()).isEqualTo(all.size());
      }
    }

    assertThat(Files.readAllBytes(file)).isEqualTo(all.toByteArray());
  }
}
