// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.util.List;

/**
 * Finds what a request leads to, and denies by name what this connector does not serve.
 *
 * <pre>
 *   /ccx/api/{service}/v{N}/{tenant}/…                        REST
 *   /ccx/api/v1/{tenant}/…                                    REST, the older common service
 *   /ccx/api/wql/v1/{tenant}/data                             WQL
 *   /ccx/service/customreport2/{tenant}/{owner}/{report}      a custom report
 *   /ccx/service/{tenant}/{Service}/v{N}.{n}                  SOAP
 * </pre>
 */
final class Routes {
  private final String tenant;

  Routes(String tenant) {
    this.tenant = tenant;
  }

  /** Reads method and path, or denies them. */
  Endpoint of(ConnectorRequest request) {
    List<String> path = request.target().segments();
    if (path.stream().anyMatch(segment -> segment.equalsIgnoreCase("oauth2"))) {
      throw MalformedRequestException.forbidden(
          "token endpoints are never forwarded: the gateway holds the credential");
    }
    if (path.size() < 4 || !path.getFirst().equals("ccx")) {
      throw elsewhere(path);
    }
    return switch (path.get(1)) {
      case "api" -> api(request, path);
      case "service" -> service(request, path);
      default -> throw elsewhere(path);
    };
  }

  /** Whether this is the tenant's own {@code /ccx/oauth2/{tenant}/token}. */
  boolean isTokenEndpoint(RequestTarget target) {
    return !target.trailingSlash()
        && target.segments().equals(List.of("ccx", "oauth2", tenant, "token"));
  }

  private Endpoint api(ConnectorRequest request, List<String> path) {
    boolean common = path.get(2).equals("v1");
    String service = common ? "common" : path.get(2);
    if (service.equals("graphql")) {
      throw MalformedRequestException.unknown(
          "GraphQL cannot be checked yet and is denied: use REST or WQL");
    }
    if (service.equals("prismAnalytics")) {
      throw MalformedRequestException.unknown(
          "Prism Analytics cannot be checked yet and is denied: use REST, WQL or a report");
    }
    int at = common ? 3 : 4;
    if (path.size() <= at + 1) {
      throw MalformedRequestException.unknown(
          "expected /ccx/api/<service>/v<N>/<tenant>/<resource>, found fewer segments");
    }
    requireTenant(path.get(at));
    String version = path.get(at - 1);
    List<String> rest = path.subList(at + 1, path.size());
    RequestTarget target = request.target();
    if (service.equals("wql") && rest.getFirst().equals("data")) {
      if (!version.equals("v1") || rest.size() > 1 || target.trailingSlash()) {
        throw MalformedRequestException.unknown(
            "WQL is asked at /ccx/api/wql/v1/<tenant>/data, nothing more");
      }
      return WqlEndpoint.of(request);
    }
    return RestEndpoint.of(request, service, version, rest);
  }

  private Endpoint service(ConnectorRequest request, List<String> path) {
    if (request.target().trailingSlash()) {
      throw MalformedRequestException.unknown("a report or SOAP path ends without a slash");
    }
    if (path.get(2).equals("customreport2")) {
      requireTenant(path.get(3));
      return ReportEndpoint.of(request, path.subList(4, path.size()));
    }
    requireTenant(path.get(2));
    return SoapEndpoint.of(request, tenant, path.subList(3, path.size()));
  }

  private void requireTenant(String segment) {
    if (!segment.equals(tenant)) {
      throw MalformedRequestException.forbidden(
          "the path names another tenant: this connector is pinned to one, write that");
    }
  }

  private static RuntimeException elsewhere(List<String> path) {
    if (!path.isEmpty() && path.getFirst().equals("wday")) {
      return MalformedRequestException.unknown(
          "uploads and pages below /wday cannot be checked and are denied: use REST, WQL or a"
              + " report");
    }
    return MalformedRequestException.unknown(
        "this is no path of Workday's REST, WQL, report or SOAP API");
  }
}
