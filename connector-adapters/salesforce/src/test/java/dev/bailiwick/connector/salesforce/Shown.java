// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Operation;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Operations in one line each: {@code sobject/account:read id name ?phone =site *} reads id and
 * name, filters by phone, writes site, and reads all other fields too.
 */
final class Shown {
  private Shown() {}

  static List<String> of(Footprint footprint) {
    return of(footprint.operations());
  }

  static List<String> of(List<Operation> operations) {
    return operations.stream().map(Shown::of).toList();
  }

  static String of(Operation operation) {
    StringBuilder line = new StringBuilder();
    if (!operation.where().isEmpty()) {
      line.append(operation.where()).append(' ');
    }
    line.append(operation.family()).append('/').append(operation.object()).append(':');
    line.append(operation.action().word());
    append(line, " ", operation.fields().read());
    append(line, " ?", operation.fields().filtered());
    append(line, " =", operation.fields().written());
    return line.append(operation.fields().readsAll() ? " *" : "").toString();
  }

  private static void append(StringBuilder line, String mark, Collection<String> names) {
    Set<String> sorted = new TreeSet<>(names);
    sorted.forEach(name -> line.append(mark).append(name));
  }
}
