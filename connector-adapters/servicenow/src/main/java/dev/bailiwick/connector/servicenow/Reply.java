// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.JsonLinkRewriter.Place;
import java.util.List;
import java.util.Map;

/** The form that a family's answers have. */
sealed interface Reply {
  /**
   * Records in JSON: a reference value is {@code {"link": …, "value": …}}, in one record or in a
   * list of them.
   */
  Reply RECORDS = json("result/*/link");

  /** JSON with links at known places. */
  record Json(List<Place> links) implements Reply {
    public Json {
      links = List.copyOf(links);
    }
  }

  /**
   * JSON that carries other answers, base64 encoded.
   *
   * @param inner their forms, by the id of their request
   */
  record Batch(Map<String, Reply> inner) implements Reply {
    public Batch {
      inner = Map.copyOf(inner);
    }
  }

  /** A file of any media type, which streams through. */
  record File() implements Reply {}

  static Reply json(String... places) {
    return new Json(List.of(places).stream().map(Place::of).toList());
  }
}
