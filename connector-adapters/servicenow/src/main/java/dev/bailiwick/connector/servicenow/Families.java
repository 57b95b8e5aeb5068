// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The families of one connector: the first that owns a path answers for it. */
final class Families {
  private final List<Family> families;

  private Families(List<Family> families) {
    this.families = List.copyOf(families);
  }

  static Families of(AgentCredentials credentials, ScriptedFamily scripted) {
    List<Family> single =
        List.of(
            new AggregateFamily(),
            new AttachmentFamily(),
            new ImportFamily(),
            new CmdbFamily(),
            new CatalogFamily(),
            new ChangeFamily(),
            scripted,
            new TableFamily());
    List<Family> all = new ArrayList<>(single);
    all.addFirst(new BatchFamily(credentials, new Families(single)));
    return new Families(all);
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

  /** The forms of the answers inside the answer to a batch, by the id of their request. */
  Map<String, Reply> replies(ConnectorRequest request) {
    return of(request) instanceof BatchFamily batch ? batch.replies(request) : Map.of();
  }
}
