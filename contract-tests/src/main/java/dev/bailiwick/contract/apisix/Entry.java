// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A name with its value, as headers, arguments and plugin configurations travel.
 *
 * @param value null is an argument without an equals sign, or in an answer: remove it
 */
public record Entry(String name, @Nullable String value) {
  public Entry {
    Objects.requireNonNull(name, "name");
  }

  /** The first value of that name, compared ignoring case. */
  public static Optional<String> first(List<Entry> entries, String name) {
    return entries.stream()
        .filter(entry -> entry.name.equalsIgnoreCase(name))
        .flatMap(entry -> Optional.ofNullable(entry.value).stream())
        .findFirst();
  }

  /** The name only: a value may be a secret. */
  @Override
  public String toString() {
    return name + (value == null ? "" : "=(" + value.length() + " bytes)");
  }
}
