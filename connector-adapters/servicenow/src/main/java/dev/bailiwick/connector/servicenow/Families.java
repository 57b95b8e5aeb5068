// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import java.util.ArrayList;
import java.util.List;

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

  Classification<Call> classify(ConnectorRequest head) {
    ApiPath path = ApiPath.of(head.target());
    for (Family family : families) {
      if (family.owns(path)) {
        return family.classify(head, path);
      }
    }
    throw new IllegalStateException("the last family owns every path");
  }
}
