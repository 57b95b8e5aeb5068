// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WorkspaceTests {

  @Test
  void removeTreeWhenNamesAreTakenThenAllOfItGoes() throws Exception {
    Path root = Files.createTempDirectory("bailiwick-tree");
    Path deep = root;
    for (int i = 0; i < 40; i++) {
      deep = Files.createDirectories(deep.resolve(".removing." + i % 3));
      Files.createFile(deep.resolve("file"));
      Files.createDirectories(deep.resolve("empty"));
    }
    Path outside = Files.createTempFile("bailiwick-outside", "");
    Files.createSymbolicLink(deep.resolve("link"), outside);

    Workspace.removeTree(root);

    assertThat(root).doesNotExist();
    assertThat(outside).exists();
    Files.delete(outside);
  }
}
