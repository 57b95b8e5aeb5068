// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * Records that the trail has to hold when all tests of a contract were run. A gateway collects
 * records that nobody waits for, so waiting for each of them by itself would take a quarter of a
 * second a test. Not thread-safe.
 */
final class ExpectedRecords {

  /**
   * @param test that made it
   * @param id of a token or of a denial
   * @param code of the rule
   */
  private record Expected(String test, String id, String code) {}

  private final List<Expected> all = new ArrayList<>();

  void add(String test, String id, String code) {
    all.add(new Expected(test, id, code));
  }

  void assertIn(AuditTrailReader trail) {
    List<Expected> missing =
        trail.awaitAll(
            all, (line, record) -> AuditTrailReader.isRecordOf(line, record.id(), record.code()));

    assertThat(missing).as("denials that are not in the trail").isEmpty();
  }
}
