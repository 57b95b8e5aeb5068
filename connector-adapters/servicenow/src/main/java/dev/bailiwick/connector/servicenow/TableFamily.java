// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.RequestTarget;
import java.util.Set;

/** The Table API. It comes last and owns every path that is left, to deny it by its own name. */
final class TableFamily implements Family {
  @Override
  public boolean owns(ApiPath path) {
    return true;
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    TableEndpoint endpoint = TableEndpoint.of(path);
    TableAction action = TableAction.of(head.method(), endpoint);
    TableParameters parameters = TableParameters.of(head.target(), action);
    RequestTarget target = path.canonical(head.target(), 1, endpoint.table());
    if (!action.hasBody()) {
      return Classification.withoutBody(
          new TableCall(endpoint, action, parameters, Set.of()).at(target));
    }
    return Classification.readingJson(
        head.headers(),
        body ->
            new TableCall(endpoint, action, parameters, WrittenFields.of(body, action)).at(target));
  }
}
