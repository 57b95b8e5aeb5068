// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import java.util.List;

/** The families of one connector: the first that owns a path answers for it. */
final class Families {
  private final List<Family> families;

  Families() {
    families = List.of(new AggregateFamily(), new TableFamily());
  }

  Family of(ConnectorRequest request) {
    ApiPath path = ApiPath.of(request.target());
    return families.stream().filter(family -> family.owns(path)).findFirst().orElseThrow();
  }

  /** Understands a request, or denies it; its head is checked again. */
  Call call(ConnectorRequest request) {
    Family family = of(request);
    if (family.bodyUse(request) == BodyUse.NONE && request.body().length > 0) {
      throw Denials.body(request.method() + " takes no body here: send none");
    }
    return family.call(request);
  }
}
