// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A path of the Table API: {@code /api/now[/v1|/v2]/table/<table>[/<sys_id>]}. The version changes
 * nothing about the operation.
 *
 * @param table lower-case table name
 * @param sysId 32 hex digits, when the path names one record
 */
record TableEndpoint(String table, Optional<String> sysId) {
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
  static TableEndpoint of(ApiPath path) {
    if (!path.namespace().equals("now")) {
      throw elsewhere(path.segments());
    }
    if (!path.isNow("table")) {
      throw otherFamily(path.rest().isEmpty() ? "" : path.rest().getFirst());
    }
    if (!path.hasLength(2) && !path.hasLength(3)) {
      throw MalformedRequestException.unknown(
          "expected /api/now/table/<table> or /api/now/table/<table>/<sys_id>, nothing more");
    }
    String table = path.table(1);
    return new TableEndpoint(
        table, path.hasLength(3) ? Optional.of(path.sysId(2)) : Optional.empty());
  }

  private static RuntimeException otherFamily(String family) {
    String name = FAMILIES.get(family.toLowerCase(Locale.ROOT));
    return MalformedRequestException.unknown(
        name == null
            ? "the API family "
                + MalformedRequestException.shown(family)
                + " is not known: use the Table API"
            : "the " + name + " family cannot be checked yet and is denied: use the Table API");
  }

  private static RuntimeException elsewhere(List<String> path) {
    String page = path.isEmpty() ? "" : path.getLast();
    if (path.stream().anyMatch(segment -> TOKEN_PAGE.matcher(segment).matches())) {
      return MalformedRequestException.forbidden(
          "token and login pages are never forwarded: the gateway holds the credential");
    }
    if (page.toLowerCase(Locale.ROOT).endsWith(".do")) {
      return MalformedRequestException.unknown(
          "pages (*.do), and with them JSONv2, XML, CSV and SOAP, are denied: use the Table API");
    }
    if (path.size() > 1 && path.get(0).equals("api") && APPLICATIONS.containsKey(path.get(1))) {
      return MalformedRequestException.unknown(
          "the "
              + APPLICATIONS.get(path.get(1))
              + " family cannot be checked yet and is denied: use the Table API");
    }
    if (path.size() > 1 && path.get(0).equals("api") && !path.get(1).equals("now")) {
      return MalformedRequestException.unknown(
          "scripted REST APIs run code that cannot be checked: use the Table API, or list the exact"
              + " path in the connector's option scriptedRest");
    }
    return MalformedRequestException.unknown("this is no path of the ServiceNow Table API");
  }
}
