// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** The main job, end to end: needs root and a kernel that can enforce tier base. */
final class DemoTests {

  @Test
  void runWhenEveryPartIsRealThenEveryOutcomeIsAsExpected() throws Exception {
    StringWriter said = new StringWriter();

    boolean met;
    try (Demo demo = Demo.set(new PrintWriter(said, true), null)) {
      met = demo.run();
    }

    assertThat(met).as(said.toString()).isTrue();
    assertThat(said.toString()).doesNotContain("UNEXPECTED").contains("outcomes as expected");
  }
}
