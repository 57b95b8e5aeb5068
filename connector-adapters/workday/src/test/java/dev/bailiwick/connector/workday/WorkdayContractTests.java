// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.contract.connector.ConnectorContract;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

class WorkdayContractTests extends ConnectorContract {
  @Override
  protected ConnectorAdapter adapter() {
    return new WorkdayAdapter();
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("tenant", "acme");
  }

  @Override
  protected ConnectorRequest readRequest() {
    return ConnectorRequest.head(
        "GET", RequestTarget.parse("/ccx/api/v1/acme/workers", "search=a&limit=5"), Headers.none());
  }

  @Override
  protected ConnectorRequest writeRequest() {
    return ConnectorRequest.head(
            "PATCH",
            RequestTarget.parse(
                "/ccx/api/payroll/v2/acme/payrollInputs/0123456789abcdef0123456789abcdef", null),
            Headers.none().with("Content-Type", "application/json"))
        .withBody("{\"comment\":\"late\"}".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  protected Set<String> vendorCredentialParameters() {
    return Set.of("access_token", "client_secret", "Refresh_Token", "assertion", "password");
  }
}
