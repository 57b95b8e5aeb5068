// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;

/** The Table API. It comes last and owns every path that is left, to deny it by its own name. */
final class TableFamily implements Family {
  @Override
  public boolean owns(ApiPath path) {
    return true;
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    TableAction action = TableAction.of(head.method(), TableEndpoint.of(head.target()));
    return action.hasBody() ? Family.json(head) : BodyUse.NONE;
  }

  @Override
  public Call call(ConnectorRequest request) {
    TableCall call = TableCall.of(request);
    return Call.of(call.operations(), call.sent(request.target()));
  }
}
