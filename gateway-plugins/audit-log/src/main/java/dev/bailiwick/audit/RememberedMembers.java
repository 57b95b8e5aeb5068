// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;

/**
 * The members that some facts make, kept for the facts that were recorded last. Not thread-safe.
 */
final class RememberedMembers<T> {
  private static final int MOST = 512;
  private static final float LOAD = 0.75f;

  private final BiConsumer<JsonGenerator, T> writing;
  private final Map<T, Members> recent =
      new LinkedHashMap<>(MOST, LOAD, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<T, Members> eldest) {
          return size() > MOST;
        }
      };

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
