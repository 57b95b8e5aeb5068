// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.API;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Call.Setting;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The grammar of {@code /services/data}. Whatever it does not know, it denies. */
final class DataApi {
  private static final Pattern VERSION = Pattern.compile("v[1-9][0-9]{1,2}\\.0");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE");

  /** A POST may say that it is one of these. */
  private static final Set<String> OVERRIDES = Set.of("GET", "PATCH", "PUT", "DELETE");

  private static final Set<String> QUERY_LANGUAGES = Set.of("query", "queryAll", "search");

  private static final String OVERRIDE = "_HttpMethod";

  private final SalesforceOptions options;
  private final Composites composites = new Composites(this);

  DataApi(SalesforceOptions options) {
    this.options = options;
  }

  SalesforceOptions options() {
    return options;
  }

  /** SOQL and SOSL are written over several lines; the parser reads the breaks. */
  static Set<String> mayBreakLines(RequestTarget target) {
    List<String> path = target.segments();
    return path.size() == 4 && QUERY_LANGUAGES.contains(path.get(3)) ? Set.of("q") : Set.of();
  }

  /** What a request of its own addresses. */
  Resource resource(String method, RequestTarget target) {
    return resource(method, target, Parameters.of(target), Setting.ITSELF, References.none(), "");
  }

  /** What a part of a compound request addresses. */
  Resource part(
      String method, RequestTarget target, Setting setting, References references, String where) {
    return resource(method, target, Parameters.ofPart(target), setting, references, where);
  }

  private Resource resource(
      String method,
      RequestTarget target,
      Parameters parameters,
      Setting setting,
      References references,
      String where) {
    List<String> segments = target.segments();
    if (segments.size() < 2
        || !segments.getFirst().equals("services")
        || !segments.get(1).equals("data")) {
      throw MalformedRequestException.unknown(
          "this path is not below /services/data: only that API is known");
    }
    String verb = verb(method, parameters);
    List<String> path = segments.subList(2, segments.size());
    Call call = new Call(verb, path, parameters, setting, references, where);
    if (call.ends()) {
      call.require("GET");
      return Resource.single(call, API, "versions", Action.READ).answeringWith(Answer.INDEX);
    }
    if (!VERSION.matcher(call.segment(0)).matches()) {
      throw MalformedRequestException.unknown("the API version is not of the form v66.0");
    }
    return versioned(call.below());
  }

  private static String verb(String method, Parameters parameters) {
    if (!METHODS.contains(method)) {
      throw MalformedRequestException.unknown("the method is not one that Salesforce takes");
    }
    Optional<String> override = parameters.take(OVERRIDE);
    if (override.isEmpty()) {
      return method.equals("HEAD") ? "GET" : method;
    }
    if (!method.equals("POST") || !OVERRIDES.contains(override.get())) {
      throw MalformedRequestException.forbidden(
          OVERRIDE + " is only known on POST, with one of the values GET, PATCH, PUT and DELETE");
    }
    return override.get();
  }

  private Resource versioned(Call call) {
    if (call.ends()) {
      call.require("GET");
      return Resource.single(call, API, "resources", Action.READ).answeringWith(Answer.INDEX);
    }
    String family = call.segment(0);
    Call below = call.below();
    requireAllowedHere(family, below);
    return switch (family) {
      case "sobjects" -> SObjects.resource(below);
      case "query" -> Queries.soql(below, false);
      case "queryAll" -> Queries.soql(below, true);
      case "search" -> Queries.sosl(below);
      case "parameterizedSearch" -> Queries.parameterizedSearch(below);
      case "composite" -> composites.resource(below);
      case "graphql" -> graphQl(below);
      case "jobs" -> Jobs.resource(below);
      case "ui-api" -> UiApi.resource(below, options);
      case "actions" -> Actions.invocable(below);
      case "quickActions" -> Actions.global(below);
      case "process" -> Actions.process(below);
      case "limits" -> limits(below);
      case "recent" -> recent(below);
      case "tooling" ->
          throw MalformedRequestException.forbidden(
              "the Tooling API runs and changes code, with GET too: it is never allowed");
      default -> throw call.unknownPath();
    };
  }

  /** Nothing compound inside something compound, except collections of records. */
  private static void requireAllowedHere(String family, Call below) {
    boolean compound =
        switch (family) {
          case "composite" -> below.ends() || !below.segment(0).equals("sobjects");
          case "graphql", "jobs" -> true;
          default -> false;
        };
    boolean allowed =
        switch (below.setting()) {
          case ITSELF -> true;
          case COMPOSITE -> !compound;
          case BATCH -> !compound && !family.equals("composite");
          case GRAPH -> family.equals("sobjects");
        };
    if (!allowed) {
      throw MalformedRequestException.forbidden(
          "this resource is not allowed inside a compound request: send it by itself");
    }
  }

  private static Resource graphQl(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    call.require("POST");
    call.parameters().requireNoMore();
    return Resource.withBody(
        Answer.JSON,
        body -> {
          Footprint footprint = call.footprint();
          GraphQl.read(body, footprint);
          return footprint.operations();
        });
  }

  private static Resource limits(Call call) {
    call.require("GET");
    if (call.ends()) {
      return Resource.single(call, API, "limits", Action.READ);
    }
    if (call.depth() != 1 || !call.segment(0).equals("recordCount")) {
      throw call.unknownPath();
    }
    String objects = call.parameters().require("sObjects");
    call.parameters().requireNoMore();
    Footprint footprint = call.footprint();
    for (String object : objects.split(",", -1)) {
      footprint.onObject(ApiName.object(object), Action.READ).shows(RowBound.none());
    }
    return Resource.withoutBody(Answer.JSON, () -> footprint);
  }

  /** Records of whatever object the user looked at last. */
  private static Resource recent(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    call.require("GET");
    RowBound rows = call.parameters().rows("limit");
    call.parameters().requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          footprint.on(API, "recent", Action.READ).shows(rows);
          return footprint;
        });
  }
}
