// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /composite/tree}: records with their children, and their children's children. */
final class RecordTree {
  private static final int MOST_RECORDS = 200;
  private static final int DEEPEST = 5;

  private RecordTree() {}

  /**
   * @param call with the path below {@code tree}
   */
  static Resource resource(Call call) {
    if (call.depth() != 1) {
      throw call.unknownPath();
    }
    call.require("POST");
    call.parameters().requireNoMore();
    String root = ApiName.object(call.segment(0));
    return Resource.withBody(
        Answer.JSON,
        body -> {
          Members members = Members.of(body, "the body");
          List<JsonValue> records = members.requireItems("records", MOST_RECORDS);
          members.requireNoMore();
          List<Operation> operations = new ArrayList<>();
          int left = MOST_RECORDS;
          for (int i = 0; i < records.size(); i++) {
            Footprint footprint = call.footprint("records[" + i + "]");
            JsonObject record = Members.object(records.get(i), "a record");
            Records.requireType(record, root);
            left = branch(record, footprint, DEEPEST, left);
            operations.addAll(footprint.operations());
          }
          return operations;
        });
  }

  /** Reads one record of a tree and those below it; the path names the object of the root only. */
  private static int branch(JsonObject record, Footprint footprint, int depth, int most) {
    if (depth == 0 || most == 0) {
      throw MalformedRequestException.tooLarge(
          "a tree holds at most " + MOST_RECORDS + " records, " + DEEPEST + " deep");
    }
    int left = most - 1;
    String object = Records.requireType(record);
    Touched create = footprint.onObject(object, Action.CREATE);
    Map<String, JsonValue> own = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> member : record.members().entrySet()) {
      Optional<JsonArray> children = children(member.getValue());
      if (children.isEmpty()) {
        own.put(member.getKey(), member.getValue());
        continue;
      }
      create.writes(ApiName.field(member.getKey()));
      for (JsonValue child : children.get().items()) {
        left = branch(Members.object(child, "a record"), footprint, depth - 1, left);
      }
    }
    Records.write(
        new JsonObject(own),
        Rows.of(footprint, object, RowBound.none()),
        Set.of(),
        List.of(create));
    return left;
  }

  private static Optional<JsonArray> children(JsonValue value) {
    if (value instanceof JsonObject object
        && object.members().size() == 1
        && object.member("records").orElse(null) instanceof JsonArray array) {
      return Optional.of(array);
    }
    return Optional.empty();
  }
}
