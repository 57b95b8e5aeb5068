// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of one request. Its parts may read one object again and again, each with a small limit
 * of its own and one page further on, so what counts is their sum.
 */
final class RowSums {
  private RowSums() {}

  /** The same operations, each read with the rows that all reads of its object show together. */
  static List<Operation> added(List<Operation> operations) {
    if (operations.size() < 2) {
      return operations;
    }
    record Target(String family, String object) {}
    Map<Target, RowBound> sums = new HashMap<>();
    for (Operation each : operations) {
      if (each.action() == Action.READ) {
        sums.merge(new Target(each.family(), each.object()), each.rows(), RowBound::plus);
      }
    }
    return operations.stream()
        .map(
            each ->
                each.action() == Action.READ
                    ? each.withRows(
                        sums.getOrDefault(new Target(each.family(), each.object()), each.rows()))
                    : each)
        .toList();
  }
}
