// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.ACTION;
import static dev.bailiwick.connector.salesforce.Footprint.API;
import static dev.bailiwick.connector.salesforce.Footprint.DELETED;
import static dev.bailiwick.connector.salesforce.Footprint.DESCRIBE;
import static dev.bailiwick.connector.salesforce.Footprint.FILE;
import static dev.bailiwick.connector.salesforce.Footprint.LIST_VIEW;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The paths below {@code /sobjects}. */
final class SObjects {
  /** Words that stand where an id or a field would. */
  private static final Set<String> WORDS =
      Set.of("describe", "updated", "deleted", "recent", "listviews", "quickActions");

  /** Fields whose value is a file. Any other name there is a relationship. */
  private static final Set<String> FILES = Set.of("body", "versiondata", "logfile");

  private static final String IN_A_QUERY = "LIMIT # to a query for the same records";

  private final Call call;
  private final String object;

  private SObjects(Call call, String object) {
    this.call = call;
    this.object = object;
  }

  /**
   * @param call with the path below {@code sobjects}
   */
  static Resource resource(Call call) {
    if (call.ends()) {
      call.require("GET");
      return Resource.single(call, API, "sobjects", Action.READ);
    }
    return new SObjects(call.below(), ApiName.object(call.segment(0))).resource();
  }

  private Resource resource() {
    if (call.ends()) {
      return collection();
    }
    String first = call.segment(0);
    if (!WORDS.contains(first) && WORDS.stream().anyMatch(first::equalsIgnoreCase)) {
      throw call.unknownPath();
    }
    return switch (first) {
      case "describe" -> describe();
      case "updated" -> changes(Footprint.SOBJECT);
      case "deleted" -> changes(DELETED);
      case "recent" -> recent();
      case "listviews" -> listViews(call.below());
      case "quickActions" -> quickActions(call.below());
      default -> record(first);
    };
  }

  private Resource collection() {
    return switch (call.verb()) {
      case "GET" -> {
        call.parameters().requireNoMore();
        yield read(
            footprint -> {
              footprint.on(DESCRIBE, object, Action.READ).shows(RowBound.none());
              footprint.onObject(object, Action.READ).reads("id").reads("name");
            });
      }
      case "POST" -> write(List.of(Action.CREATE), Optional.empty());
      default -> throw call.wrongVerb();
    };
  }

  /** Layouts, compact layouts and the like are parts of the description. */
  private Resource describe() {
    call.require("GET");
    call.path().subList(1, call.depth()).forEach(SObjects::requirePlain);
    if (call.depth() > 3) {
      throw call.unknownPath();
    }
    return Resource.single(call, DESCRIBE, object, Action.READ);
  }

  private Resource changes(String family) {
    requireEnd(1);
    call.require("GET");
    call.parameters().ignore("start", "end").requireNoMore();
    return read(footprint -> footprint.on(family, object, Action.READ).reads("id"));
  }

  private Resource recent() {
    requireEnd(1);
    call.require("GET");
    RowBound rows = call.parameters().rows("limit");
    call.parameters().requireNoMore();
    return read(footprint -> footprint.onObject(object, Action.READ).all().shows(rows));
  }

  private Resource listViews(Call below) {
    below.require("GET");
    below.path().forEach(SObjects::requirePlain);
    RowBound rows = below.parameters().rows("limit");
    below.parameters().ignore("offset");
    if (below.depth() == 2 && below.segment(1).equals("results")) {
      below.parameters().requireNoMore();
      return read(
          footprint -> {
            footprint.on(LIST_VIEW, object, Action.READ).all().shows(rows);
            footprint.onObject(object, Action.READ).all().shows(rows);
          });
    }
    if (below.depth() > 2 || (below.depth() == 2 && !below.segment(1).equals("describe"))) {
      throw call.unknownPath();
    }
    return Resource.single(below, DESCRIBE, object, Action.READ);
  }

  private Resource quickActions(Call below) {
    if (below.depth() == 1 && below.is("POST")) {
      below.parameters().requireNoMore();
      String name = ApiName.of(below.segment(0), "an action");
      return Resource.execution(below, ACTION, "quickaction." + object + "." + name);
    }
    below.require("GET");
    boolean values = below.depth() == 3 && below.segment(1).equals("defaultValues");
    if (values) {
      requireId(below.segment(2));
      below.parameters().requireNoMore();
      return read(footprint -> footprint.onObject(object, Action.READ).all().shows(RowBound.one()));
    }
    below.path().forEach(SObjects::requirePlain);
    boolean known =
        below.depth() < 2
            || (below.depth() == 2
                && Set.of("describe", "defaultValues").contains(below.segment(1)));
    if (!known) {
      throw call.unknownPath();
    }
    return Resource.single(below, DESCRIBE, object, Action.READ);
  }

  private Resource record(String key) {
    if (call.isId(key)) {
      return switch (call.depth()) {
        case 1 -> byId();
        case 2 -> behind(ApiName.of(call.segment(1), "a relationship"));
        case 4 -> richTextImage();
        default -> throw call.unknownPath();
      };
    }
    String field = ApiName.field(key);
    if (call.depth() == 1 && field.equals("id")) {
      call.require("POST");
      return write(List.of(Action.CREATE), Optional.empty());
    }
    if (call.depth() != 2) {
      throw call.unknownPath();
    }
    if (References.isReference(call.segment(1))) {
      requireId(call.segment(1));
    }
    return byField(field);
  }

  private Resource byId() {
    return switch (call.verb()) {
      case "GET" -> fields(Rows.of(call.footprint(), object, RowBound.one()), Optional.empty());
      case "PATCH" -> write(List.of(Action.UPDATE), Optional.empty());
      case "DELETE" -> {
        call.parameters().requireNoMore();
        yield read(footprint -> footprint.onObject(object, Action.DELETE));
      }
      default -> throw call.wrongVerb();
    };
  }

  /** A record named by a field, most often an external id. Writing to it creates it if need be. */
  private Resource byField(String field) {
    return switch (call.verb()) {
      case "GET" -> fields(Rows.of(call.footprint(), object, having(field)), Optional.of(field));
      case "PATCH", "POST" -> {
        boolean updateOnly =
            call.parameters().take("updateOnly").filter("true"::equals).isPresent();
        yield write(
            updateOnly ? List.of(Action.UPDATE) : List.of(Action.CREATE, Action.UPDATE),
            Optional.of(field));
      }
      case "DELETE" -> {
        call.parameters().requireNoMore();
        yield read(footprint -> footprint.onObject(object, Action.DELETE).filters(field));
      }
      default -> throw call.wrongVerb();
    };
  }

  /** A value that several records have is answered with all of them, unless it is an id. */
  private static RowBound having(String field) {
    return field.equals("id") ? RowBound.one() : RowBound.unlimited(IN_A_QUERY);
  }

  /** What a relationship of one record leads to, or the content of a file field. */
  private Resource behind(String name) {
    if (name.equals("password")) {
      throw MalformedRequestException.forbidden(
          "passwords of users are never read or set through the gateway");
    }
    if (FILES.contains(name)) {
      call.require("GET");
      call.parameters().requireNoMore();
      return file(name);
    }
    Footprint footprint = call.footprint();
    Rows start = Rows.of(footprint, object, RowBound.one());
    Rows rows = start.through(List.of(name));
    return switch (call.verb()) {
      // One parent or any number of children: the path does not tell.
      case "GET" -> fields(start.children(List.of(name), RowBound.unknown(), ""), Optional.empty());
      case "PATCH" -> {
        call.parameters().requireNoMore();
        yield Resource.withBody(
            Answer.JSON,
            body -> {
              start.field(List.of(name), Use.FILTERED);
              Touched update = rows.touched(Action.UPDATE);
              Records.write(record(body), rows, Set.of(), List.of(update));
              return footprint.operations();
            });
      }
      case "DELETE" -> {
        call.parameters().requireNoMore();
        start.field(List.of(name), Use.FILTERED);
        rows.touched(Action.DELETE);
        yield Resource.withoutBody(Answer.JSON, () -> footprint);
      }
      default -> throw call.wrongVerb();
    };
  }

  private Resource richTextImage() {
    call.require("GET");
    if (!call.segment(1).equals("richTextImageFields")) {
      throw call.unknownPath();
    }
    String field = ApiName.field(call.segment(2));
    requireId(call.segment(3));
    call.parameters().requireNoMore();
    return file(field);
  }

  private Resource file(String field) {
    return Resource.withoutBody(
        Answer.OPAQUE,
        () -> {
          Footprint footprint = call.footprint();
          footprint.on(FILE, object, Action.READ).reads(field).shows(RowBound.one());
          return footprint;
        });
  }

  private Resource fields(Rows rows, Optional<String> key) {
    Optional<String> list = call.parameters().take("fields");
    call.parameters().requireNoMore();
    Footprint footprint = rows.footprint();
    rows.touched();
    key.ifPresent(field -> rows.field(List.of(field), Use.FILTERED));
    list.ifPresentOrElse(
        fields -> Records.paths(fields).forEach(path -> rows.field(path, Use.READ)),
        rows::everything);
    return Resource.withoutBody(Answer.RECORDS, () -> footprint);
  }

  private Resource write(List<Action> actions, Optional<String> key) {
    call.parameters().requireNoMore();
    return Resource.withBody(Answer.RECORDS, body -> written(body, actions, key));
  }

  private List<Operation> written(JsonValue body, List<Action> actions, Optional<String> key) {
    Footprint footprint = call.footprint();
    List<Touched> operations = new ArrayList<>();
    for (Action action : actions) {
      Touched operation = footprint.onObject(object, action);
      key.ifPresent(operation::filters);
      operations.add(operation);
    }
    Records.write(record(body), Rows.of(footprint, object, RowBound.none()), Set.of(), operations);
    return footprint.operations();
  }

  private JsonObject record(JsonValue body) {
    JsonObject record = Members.object(body, "the body");
    Records.requireType(record, object);
    return record;
  }

  private Resource read(Consumer<Footprint> notes) {
    return Resource.withoutBody(
        Answer.RECORDS,
        () -> {
          Footprint footprint = call.footprint();
          notes.accept(footprint);
          return footprint;
        });
  }

  private void requireId(String segment) {
    if (!call.isId(segment)) {
      throw call.unknownPath();
    }
  }

  private void requireEnd(int depth) {
    if (call.depth() != depth) {
      throw call.unknownPath();
    }
  }

  /** Words and ids only; what they say changes nothing about what is read. */
  private static void requirePlain(String segment) {
    if (!segment.matches("[A-Za-z0-9_]{1,120}")) {
      throw MalformedRequestException.unknown(
          "a path segment holds other characters than letters, digits and underscores");
    }
  }
}
