// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A path of the Table API: {@code /api/now[/v1|/v2]/table/<table>[/<sys_id>]}. The version changes
 * nothing about the operation.
 *
 * @param table lower-case table name
 * @param sysId 32 hex digits, when the path names one record
 */
record TableEndpoint(String table, Optional<String> sysId) {
  private static final Set<String> VERSIONS = Set.of("v1", "v2");

  /** Pages that hand out or end credentials; the gateway alone talks to them. */
  private static final Pattern TOKEN_PAGE =
      Pattern.compile(
          "(?i)(oauth_\\w*|login\\w*|logout|auth_redirect|validate_multifactor\\w*)\\.do");

  /** Families of {@code /api/now}, by their first segment, with their names for people. */
  private static final Map<String, String> FAMILIES =
      Map.ofEntries(
          Map.entry("graphql", "GraphQL"),
          Map.entry("identifyreconcile", "identification and reconciliation"),
          Map.entry("ui", "user interface"),
          Map.entry("doc", "API explorer"),
          Map.entry("email", "email"),
          Map.entry("pa", "performance analytics"),
          Map.entry("reporting", "reporting"));

  /** Scoped applications of the vendor whose APIs have a name of their own. */
  private static final Map<String, String> APPLICATIONS =
      Map.of(
          "sn_cicd", "CI/CD",
          "sn_km_api", "knowledge");

  /** Reads a path, or denies it with a sentence that names the family it belongs to. */
  static TableEndpoint of(RequestTarget target) {
    List<String> path = new ArrayList<>(target.segments());
    if (path.size() < 3 || !path.get(0).equals("api") || !path.get(1).equals("now")) {
      throw elsewhere(path);
    }
    if (VERSIONS.contains(path.get(2))) {
      path.remove(2);
    }
    if (path.size() < 3 || !path.get(2).equals("table")) {
      throw otherFamily(path.size() < 3 ? "" : path.get(2));
    }
    if (path.size() < 4 || path.size() > 5 || target.trailingSlash()) {
      throw Denials.unknown(
          "expected /api/now/table/<table> or /api/now/table/<table>/<sys_id>, nothing more");
    }
    String table = ApiPath.table(path.get(3));
    Optional<String> sysId =
        path.size() == 5 ? Optional.of(ApiPath.sysId(path.get(4))) : Optional.empty();
    return new TableEndpoint(table, sysId);
  }

  private static RuntimeException otherFamily(String family) {
    String name = FAMILIES.get(family.toLowerCase(Locale.ROOT));
    return Denials.unknown(
        name == null
            ? "the API family " + Denials.shown(family) + " is not known: use the Table API"
            : "the " + name + " family cannot be checked yet and is denied: use the Table API");
  }

  private static RuntimeException elsewhere(List<String> path) {
    String page = path.isEmpty() ? "" : path.getLast();
    if (path.stream().anyMatch(segment -> TOKEN_PAGE.matcher(segment).matches())) {
      return Denials.forbidden(
          "token and login pages are never forwarded: the gateway holds the credential");
    }
    if (page.toLowerCase(Locale.ROOT).endsWith(".do")) {
      return Denials.unknown(
          "pages (*.do), and with them JSONv2, XML, CSV and SOAP, are denied: use the Table API");
    }
    if (path.size() > 1 && path.get(0).equals("api") && APPLICATIONS.containsKey(path.get(1))) {
      return Denials.unknown(
          "the "
              + APPLICATIONS.get(path.get(1))
              + " family cannot be checked yet and is denied: use the Table API");
    }
    if (path.size() > 1 && path.get(0).equals("api") && !path.get(1).equals("now")) {
      return Denials.unknown(
          "scripted REST APIs run code that cannot be checked: use the Table API, or list the exact"
              + " path in the connector's option scriptedRest");
    }
    return Denials.unknown("this is no path of the ServiceNow Table API");
  }

  /** The path as it is sent: the table's name in the form that was authorized. */
  RequestTarget canonical(RequestTarget target) {
    List<String> segments = new ArrayList<>(target.segments());
    segments.set(segments.size() - (sysId.isPresent() ? 2 : 1), table);
    return new RequestTarget(segments, target.parameters(), false);
  }
}
