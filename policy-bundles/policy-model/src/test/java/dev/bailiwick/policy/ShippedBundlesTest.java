// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is shipped compiles, and does what its cases say. */
class ShippedBundlesTest {

  static Stream<Path> bundles() throws IOException {
    return Files.list(Path.of("../bundles"))
        .filter(file -> file.toString().endsWith(".yaml"))
        .filter(file -> !file.toString().endsWith(".cases.yaml"))
        .sorted();
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void casesWhenRunThenAllPass(Path file) throws PolicyException {
    Bundle bundle = BundleReader.read(file);

    List<PolicyCase> cases = CasesReader.read(CasesReader.casesOf(file), bundle);

    assertThat(cases).map(PolicyCase::allowed).contains(true, false);
    assertThat(CaseRunner.run(bundle, cases))
        .allSatisfy(result -> assertThat(result.passed()).as(result.sentence()).isTrue());
  }
}
