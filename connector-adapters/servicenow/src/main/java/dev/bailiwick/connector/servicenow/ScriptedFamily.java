// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Scripted REST APIs, of which nothing is known but their path: those that the option {@code
 * scriptedRest} lists may be executed, in any method, as one operation each. The object is the path
 * behind {@code /api}, joined by dots.
 */
final class ScriptedFamily implements Family {
  private static final Pattern PATH = Pattern.compile("/api(/[A-Za-z0-9_-]+){2,}");

  /**
   * Namespaces that other families understand; a list here must not take them out of their hands.
   */
  private static final Pattern UNDERSTOOD = Pattern.compile("(?i)/api/(now|sn_sc|sn_chg_rest)/.*");

  private final Set<List<String>> paths;

  private ScriptedFamily(Set<List<String>> paths) {
    this.paths = Set.copyOf(paths);
  }

  /**
   * Reads the option: exact paths, separated by commas.
   *
   * @throws IllegalArgumentException when one is not of the form {@code /api/<namespace>/<name>…}
   */
  static ScriptedFamily of(String option) {
    Set<List<String>> paths = new LinkedHashSet<>();
    for (String written : option.isBlank() ? new String[0] : option.split(",", -1)) {
      String path = written.strip();
      if (!PATH.matcher(path).matches() || UNDERSTOOD.matcher(path).matches()) {
        throw new IllegalArgumentException(
            "options."
                + ServiceNowAdapter.SCRIPTED_REST
                + ": expected paths such as /api/x_acme_app/v1/orders, separated by commas; those"
                + " of the vendor's own families cannot stand here");
      }
      paths.add(List.of(path.substring(1).split("/", -1)));
    }
    return new ScriptedFamily(paths);
  }

  @Override
  public boolean owns(ApiPath path) {
    return paths.contains(path.segments()) && !path.trailingSlash();
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    return switch (head.method()) {
      case "GET", "DELETE" -> Classification.withoutBody(call(head.target()));
      case "POST", "PUT", "PATCH" -> Classification.streaming(call(head.target()));
      default ->
          throw MalformedRequestException.unknown(
              "a scripted REST API takes GET, POST, PUT, PATCH and DELETE only");
    };
  }

  private static Call call(RequestTarget target) {
    target.parameters().stream()
        .filter(parameter -> parameter.name().equalsIgnoreCase("sysparm_query"))
        .forEach(parameter -> EncodedQuery.denyScript(parameter.value()));
    String object = target.segments().stream().skip(1).collect(Collectors.joining("."));
    return Call.of(
        List.of(Operation.of("scripted", object, Action.EXECUTE, FieldUse.none())), target);
  }
}
