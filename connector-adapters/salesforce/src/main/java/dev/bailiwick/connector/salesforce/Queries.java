// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Call.Setting;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Queries and searches, at once or as a bulk job. */
final class Queries {
  private static final String DEFAULT_LIMIT = "defaultLimit";
  private static final String OVERALL_LIMIT = "overallLimit";
  private static final String OVERALL_WAY = OVERALL_LIMIT + "=#";
  private static final int MOST_OBJECTS = 100;

  /** Fields that are asked of every object count for each of them. */
  private static final int MOST_FIELDS = 20_000;

  private Queries() {}

  /** {@code /query}, {@code /queryAll}. */
  static Resource soql(Call call, boolean deletedToo) {
    if (!call.ends()) {
      return laterPage(call);
    }
    call.require("GET");
    Optional<String> plan = call.parameters().take("explain");
    String query = plan.isPresent() ? plan.get() : call.parameters().require("q");
    call.parameters().requireNoMore();
    return Resource.withoutBody(
        Answer.QUERY,
        () -> {
          Footprint footprint = call.footprint();
          if (call.setting() == Setting.ITSELF) {
            Soql.read(query, footprint);
          } else {
            Soql.readReferable(query, footprint);
          }
          if (deletedToo) {
            footprint.includeDeleted();
          }
          return footprint;
        });
  }

  /** {@code /query/{locator}}: the query stood in the request that the locator came from. */
  private static Resource laterPage(Call call) {
    if (call.setting() != Setting.ITSELF) {
      throw MalformedRequestException.forbidden(
          "later pages of a query are not fetched inside a compound request: fetch them alone");
    }
    if (call.depth() != 1) {
      throw call.unknownPath();
    }
    call.require("GET");
    call.parameters().requireNoMore();
    Handle locator =
        Handles.locator(call.segment(0))
            .orElseThrow(
                () ->
                    MalformedRequestException.unknown(
                        "a locator is letters and digits, a hyphen and a number of rows"));
    return Resource.using(locator, BodyUse.NONE, Answer.QUERY);
  }

  /** {@code /search}. */
  static Resource sosl(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    call.require("GET");
    String search = call.parameters().require("q");
    call.parameters().requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          Sosl.read(search, footprint);
          return footprint;
        });
  }

  /** {@code /parameterizedSearch}: as with SOSL, an object that is searched is read whole. */
  static Resource parameterizedSearch(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    return switch (call.verb()) {
      case "GET" -> searchByParameters(call);
      case "POST" -> {
        call.parameters().requireNoMore();
        yield Resource.withBody(Answer.JSON, body -> searchByBody(call, body));
      }
      default -> throw call.wrongVerb();
    };
  }

  private static Resource searchByParameters(Call call) {
    Parameters parameters = call.parameters();
    parameters.require("q");
    parameters.ignore("in", "offset", "spellCorrection", "metadata");
    Set<List<String>> fields = parameters.take("fields").map(Records::paths).orElse(Set.of());
    String overall = parameters.take(OVERALL_LIMIT).orElse("");
    Optional<String> usual = parameters.take(DEFAULT_LIMIT);
    Map<String, Set<List<String>>> objects = new LinkedHashMap<>();
    Map<String, RowBound> bounds = new HashMap<>();
    List<String> names = parameters.takeAll("sobject");
    requireObjects(names.size());
    Budget budget = budget();
    for (String name : names) {
      Set<List<String>> own = new LinkedHashSet<>(spent(budget, fields));
      parameters
          .take(name + ".fields")
          .ifPresent(list -> own.addAll(spent(budget, Records.paths(list))));
      parameters.ignore(name + ".offset");
      RowBound bound = bound(parameters.take(name + ".limit").or(() -> usual), overall);
      bounds.merge(ApiName.object(name), bound, RowBound::plus);
      objects.computeIfAbsent(ApiName.object(name), object -> new LinkedHashSet<>()).addAll(own);
    }
    parameters.requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          objects.forEach(
              (object, own) ->
                  searched(
                      footprint, object, own, bounds.getOrDefault(object, RowBound.unknown())));
          return footprint;
        });
  }

  private static List<Operation> searchByBody(Call call, JsonValue body) {
    Members search = Members.of(body, "the body");
    search.requireText("q");
    search.ignore("in", "offset", "spellCorrection", "metadata");
    String overall = search.takeNumber(OVERALL_LIMIT).orElse("");
    Optional<String> usual = search.takeNumber(DEFAULT_LIMIT);
    Set<List<String>> fields = Records.paths(search.takeTexts("fields"));
    List<JsonValue> objects =
        search.take("sobjects").isPresent() ? search.requireArray("sobjects") : List.of();
    search.requireNoMore();
    requireObjects(objects.size());
    Footprint footprint = call.footprint();
    Budget budget = budget();
    for (JsonValue item : objects) {
      Members object = Members.of(item, "an item of sobjects");
      String name = ApiName.object(object.requireText("name"));
      Set<List<String>> own = new LinkedHashSet<>(spent(budget, fields));
      own.addAll(spent(budget, Records.paths(object.takeTexts("fields"))));
      searched(footprint, name, own, bound(object.takeNumber("limit").or(() -> usual), overall));
      object.takeText("where").ifPresent(where -> Soql.readWhere(name, where, footprint));
      object.takeText("orderBy").ifPresent(by -> Soql.readOrderBy(name, by, footprint));
      object.requireNoMore();
    }
    return footprint.operations();
  }

  private static RowBound bound(Optional<String> ofObject, String overall) {
    return RowBound.written(overall, OVERALL_WAY)
        .and(RowBound.written(ofObject.orElse(""), OVERALL_WAY));
  }

  private static Budget budget() {
    return new Budget(
        MOST_FIELDS, "the search asks its objects for more fields than can be checked");
  }

  /** A path costs as much as it has steps. */
  private static Set<List<String>> spent(Budget budget, Set<List<String>> paths) {
    paths.forEach(path -> budget.spend(path.size()));
    return paths;
  }

  private static void searched(
      Footprint footprint, String object, Set<List<String>> fields, RowBound bound) {
    Rows rows = Rows.of(footprint, object, bound);
    rows.everything();
    fields.forEach(path -> rows.field(path, Use.READ));
  }

  private static void requireObjects(int count) {
    if (count == 0) {
      throw MalformedRequestException.forbidden(
          "a search that names no object reaches every object: name those that are wanted");
    }
    if (count > MOST_OBJECTS) {
      throw MalformedRequestException.tooLarge(
          "a search names more than " + MOST_OBJECTS + " objects: send several");
    }
  }
}
