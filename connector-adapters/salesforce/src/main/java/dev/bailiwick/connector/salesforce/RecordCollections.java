// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

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

/** {@code /composite/sobjects}: many records at once, of one object or of several. */
final class RecordCollections {
  private static final int MOST_RECORDS = 200;

  private RecordCollections() {}

  /**
   * @param call with the path below {@code sobjects}
   */
  static Resource resource(Call call, SalesforceOptions options) {
    return switch (call.depth()) {
      case 0 -> mixed(call, options);
      case 1 -> retrieve(call, ApiName.object(call.segment(0)));
      case 2 -> upsert(call, ApiName.object(call.segment(0)), ApiName.field(call.segment(1)));
      default -> throw call.unknownPath();
    };
  }

  private static Resource mixed(Call call, SalesforceOptions options) {
    return switch (call.verb()) {
      case "POST" -> collection(call, List.of(Action.CREATE), Optional.empty(), Set.of());
      case "PATCH" -> collection(call, List.of(Action.UPDATE), Optional.empty(), Set.of("id"));
      case "DELETE" -> delete(call, options);
      default -> throw call.wrongVerb();
    };
  }

  private static Resource upsert(Call call, String object, String key) {
    call.require("PATCH");
    return collection(
        call, List.of(Action.CREATE, Action.UPDATE), Optional.of(object), Set.of(key));
  }

  /**
   * Records in a list. Each one names its object itself; with {@code only} all must be of that one.
   */
  private static Resource collection(
      Call call, List<Action> actions, Optional<String> only, Set<String> keys) {
    call.parameters().requireNoMore();
    return Resource.withBody(
        Answer.RECORDS,
        body -> {
          Members members = Members.of(body, "the body");
          members.ignore("allOrNone");
          List<JsonValue> records = members.requireItems("records", MOST_RECORDS);
          members.requireNoMore();
          List<Operation> operations = new ArrayList<>();
          for (int i = 0; i < records.size(); i++) {
            JsonObject record = Members.object(records.get(i), "a record");
            only.ifPresent(object -> Records.requireType(record, object));
            Footprint footprint = call.footprint("records[" + i + "]");
            write(record, actions, only.isPresent() ? keys : Set.of(), keys, footprint);
            operations.addAll(footprint.operations());
          }
          return operations;
        });
  }

  private static void write(
      JsonObject record,
      List<Action> actions,
      Set<String> filters,
      Set<String> keys,
      Footprint footprint) {
    String object = Records.requireType(record);
    List<Touched> operations = new ArrayList<>();
    for (Action action : actions) {
      Touched operation = footprint.onObject(object, action);
      filters.forEach(operation::filters);
      operations.add(operation);
    }
    Records.write(record, Rows.of(footprint, object, RowBound.none()), keys, operations);
  }

  /** Only ids are given, so the object is known only where their prefix is configured. */
  private static Resource delete(Call call, SalesforceOptions options) {
    String ids = call.parameters().require("ids");
    call.parameters().ignore("allOrNone").requireNoMore();
    return Resource.withoutBody(
        Answer.JSON,
        () -> {
          Footprint footprint = call.footprint();
          for (String id : ids.split(",", -1)) {
            String object =
                options
                    .objectOf(RecordId.require(id))
                    .orElseThrow(() -> unknownPrefix(RecordId.keyPrefix(id)));
            footprint.onObject(object, Action.DELETE);
          }
          return footprint;
        });
  }

  private static RuntimeException unknownPrefix(String prefix) {
    return MalformedRequestException.unknown(
        "the ids do not name their object: add the prefix "
            + prefix
            + " to the connector's option "
            + SalesforceOptions.KEY_PREFIXES
            + ", or delete the records one by one");
  }

  private static Resource retrieve(Call call, String object) {
    return switch (call.verb()) {
      case "GET" -> {
        int ids = call.parameters().require("ids").split(",", -1).length;
        String fields = call.parameters().require("fields");
        call.parameters().requireNoMore();
        yield Resource.withoutBody(
            Answer.RECORDS,
            () -> {
              Footprint footprint = call.footprint();
              reads(footprint, object, ids, List.of(fields));
              return footprint;
            });
      }
      case "POST" -> {
        call.parameters().requireNoMore();
        yield Resource.withBody(
            Answer.RECORDS,
            body -> {
              Members members = Members.of(body, "the body");
              int ids = members.takeTexts("ids").size();
              List<String> fields = members.takeTexts("fields");
              members.requireNoMore();
              Footprint footprint = call.footprint();
              reads(footprint, object, ids, fields);
              return footprint.operations();
            });
      }
      default -> throw call.wrongVerb();
    };
  }

  private static void reads(Footprint footprint, String object, int ids, List<String> lists) {
    if (lists.isEmpty()) {
      throw MalformedRequestException.body("no fields are named");
    }
    Rows rows = Rows.of(footprint, object, RowBound.of(ids));
    rows.touched();
    Records.paths(lists).forEach(path -> rows.field(path, Use.READ));
  }
}
