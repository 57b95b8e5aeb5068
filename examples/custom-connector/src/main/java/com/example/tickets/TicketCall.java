// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a request does. Everything that is not on one of the lists below is denied. */
final class TicketCall {
  private static final String FAMILY = "api";
  private static final String TICKET = "ticket";
  private static final String COMMENT = "comment";

  private static final Set<String> FIELDS =
      Set.of(
          "id",
          "title",
          "description",
          "status",
          "priority",
          "assignee",
          "reporter",
          "created",
          "updated");

  private static final Set<String> CREATED_WITH =
      Set.of("title", "description", "priority", "assignee");

  private static final Set<String> COMMENTED_WITH = Set.of("text", "internal", "status");

  private TicketCall() {}

  static List<Operation> operations(ConnectorRequest request) {
    Endpoint endpoint = Endpoint.of(request.method(), request.target());
    if (!endpoint.hasBody() && request.body().length > 0) {
      throw new MalformedRequestException(Kind.BODY, "a GET takes no body here: send none");
    }
    return switch (endpoint) {
      case LIST -> List.of(ticket(Action.READ, shown(request.target(), filters(request.target()))));
      case READ -> read(request.target());
      case CREATE -> List.of(ticket(Action.CREATE, written(members(request, CREATED_WITH))));
      case COMMENT -> comment(members(request, COMMENTED_WITH));
    };
  }

  /** {@code include=comments} brings a second object into the answer: a second operation. */
  private static List<Operation> read(RequestTarget target) {
    List<Operation> operations = new ArrayList<>();
    operations.add(ticket(Action.READ, shown(target, Set.of())));
    Optional<String> include = target.single("include");
    if (include.isPresent()) {
      if (!include.get().equals("comments")) {
        throw unknown("include takes only comments");
      }
      operations.add(Operation.of(FAMILY, COMMENT, Action.READ, FieldUse.all()));
    }
    return operations;
  }

  /** A comment may move the ticket on, which is an update of the ticket and not of the comment. */
  private static List<Operation> comment(Set<String> members) {
    List<Operation> operations = new ArrayList<>();
    Set<String> own = new LinkedHashSet<>(members);
    boolean moves = own.remove("status");
    operations.add(Operation.of(FAMILY, COMMENT, Action.CREATE, written(own)));
    if (moves) {
      operations.add(ticket(Action.UPDATE, written(Set.of("status"))));
    }
    return operations;
  }

  private static Operation ticket(Action action, FieldUse fields) {
    return Operation.of(FAMILY, TICKET, action, fields);
  }

  private static FieldUse written(Set<String> fields) {
    return new FieldUse(Set.of(), Set.of(), fields, false);
  }

  private static FieldUse shown(RequestTarget target, Set<String> filtered) {
    Optional<String> fields = target.single("fields");
    Set<String> read = new LinkedHashSet<>();
    fields.ifPresent(
        names -> {
          for (String name : names.split(",", -1)) {
            read.add(field(name));
          }
        });
    return new FieldUse(read, filtered, Set.of(), fields.isEmpty());
  }

  /** Filtering and sorting disclose what a field holds, so they count like reading it. */
  private static Set<String> filters(RequestTarget target) {
    Set<String> filtered = new LinkedHashSet<>();
    for (String name : List.of("status", "assignee")) {
      target.single(name).ifPresent(value -> filtered.add(name));
    }
    target
        .single("sort")
        .ifPresent(sort -> filtered.add(field(sort.startsWith("-") ? sort.substring(1) : sort)));
    return filtered;
  }

  private static String field(String name) {
    if (!FIELDS.contains(name)) {
      throw unknown("a ticket has no field of that name: it has " + String.join(", ", sorted()));
    }
    return name;
  }

  private static List<String> sorted() {
    return FIELDS.stream().sorted().toList();
  }

  private static Set<String> members(ConnectorRequest request, Set<String> known) {
    if (!(JsonBody.read(request) instanceof JsonObject object)) {
      throw new MalformedRequestException(Kind.BODY, "the body must be one JSON object");
    }
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      if (!known.contains(member.getKey())) {
        throw new MalformedRequestException(
            Kind.BODY,
            "this call sets only " + String.join(", ", known.stream().sorted().toList()));
      }
      if (member.getValue() instanceof JsonObject || member.getValue() instanceof JsonArray) {
        throw new MalformedRequestException(
            Kind.BODY, member.getKey() + " must be a string, number, boolean or null");
      }
    }
    return object.members().keySet();
  }

  private static MalformedRequestException unknown(String sentence) {
    return new MalformedRequestException(Kind.UNKNOWN_OPERATION, sentence);
  }
}
