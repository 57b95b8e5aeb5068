// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;

/**
 * The members that some facts make, kept for the facts that were recorded last. Not thread-safe.
 */
final class RememberedMembers<T> {
  private final BiConsumer<JsonGenerator, T> writing;
  private final RecentlyUsed<T, Members> recent = new RecentlyUsed<>();

  /**
   * @param writing writes the members; at least one
   */
  RememberedMembers(BiConsumer<JsonGenerator, T> writing) {
    this.writing = writing;
  }

  Members of(T facts) {
    return recent.computeIfAbsent(
        facts, unknown -> Members.of(json -> writing.accept(json, unknown)));
  }
}
