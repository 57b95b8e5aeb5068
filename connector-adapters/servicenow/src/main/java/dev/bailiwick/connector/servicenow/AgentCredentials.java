// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.List;
import java.util.Locale;

/**
 * What of an agent's own could authenticate at an instance, in an outer request or an inner one.
 */
final class AgentCredentials {
  private final List<String> headers;
  private final List<String> parameters;

  /**
   * @param apiKeyHeader where the instance takes API keys
   */
  AgentCredentials(String apiKeyHeader) {
    String key = apiKeyHeader.toLowerCase(Locale.ROOT);
    headers =
        List.of(
            key,
            ServiceNowAdapter.DEFAULT_API_KEY_HEADER,
            "x-usertoken",
            // An instance behind a single sign-on proxy believes whom these name.
            "sm_user",
            "de_user",
            "digest");
    parameters =
        List.of(
            key,
            ServiceNowAdapter.DEFAULT_API_KEY_HEADER,
            "oauth_token",
            "sid",
            "access_token",
            "sm_user",
            "de_user");
  }

  /** Denies a head that changes its own method or authenticates in the query. */
  void check(ConnectorRequest request) {
    AgentHeaders.denyOverrides(request.headers());
    for (Parameter parameter : request.target().parameters()) {
      if (parameters.contains(parameter.name().toLowerCase(Locale.ROOT))) {
        throw MalformedRequestException.forbidden(
            "the query carries a credential: the gateway puts the stored one on");
      }
    }
  }

  /** The headers that may go upstream. */
  Headers strip(Headers from) {
    return AgentHeaders.toUpstream(from, headers);
  }
}
