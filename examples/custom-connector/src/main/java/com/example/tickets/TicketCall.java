// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.AppliedCredential;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.VendorCall;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request, understood whole: what it does, what is sent, and what its answer means. Everything
 * that is not on one of the lists below is denied.
 *
 * @param writes whether it creates something
 */
record TicketCall(
    ConnectorRequest head, List<Operation> operations, boolean writes, Answers answers)
    implements VendorCall {
  private static final String FAMILY = "api";
  private static final String TICKET = "ticket";
  private static final String COMMENT = "comment";

  /** Where the vendor takes its API key, beside {@code Authorization}. */
  private static final List<String> CREDENTIAL_HEADERS = List.of("x-tickets-key");

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

  TicketCall {
    operations = List.copyOf(operations);
  }

  static VendorCall list(ConnectorRequest head, Answers answers) {
    FieldUse fields = shown(head.target(), filters(head.target()));
    Operation tickets =
        ticket(Action.READ, fields).withRows(RowBound.parameter(head.target(), "per_page"));
    return new TicketCall(head, List.of(tickets), false, answers);
  }

  /**
   * {@code include=comments} brings a second object into the answer: a second operation. Nothing in
   * a request limits how many comments that are, so no number of rows is given for them.
   */
  static VendorCall read(ConnectorRequest head, Answers answers) {
    List<Operation> operations = new ArrayList<>();
    operations.add(ticket(Action.READ, shown(head.target(), Set.of())).withRows(RowBound.one()));
    Optional<String> include = head.target().single("include");
    if (include.isPresent()) {
      if (!include.get().equals("comments")) {
        throw MalformedRequestException.unknown("include takes only comments");
      }
      operations.add(Operation.of(FAMILY, COMMENT, Action.READ, FieldUse.all()));
    }
    return new TicketCall(head, operations, false, answers);
  }

  static VendorCall create(ConnectorRequest head, JsonValue body, Answers answers) {
    FieldUse fields = written(members(body, CREATED_WITH));
    return new TicketCall(head, List.of(ticket(Action.CREATE, fields)), true, answers);
  }

  /** A comment may move the ticket on, which is an update of the ticket and not of the comment. */
  static VendorCall comment(ConnectorRequest head, JsonValue body, Answers answers) {
    List<Operation> operations = new ArrayList<>();
    Set<String> own = new LinkedHashSet<>(members(body, COMMENTED_WITH));
    boolean moves = own.remove("status");
    operations.add(Operation.of(FAMILY, COMMENT, Action.CREATE, written(own)));
    if (moves) {
      operations.add(ticket(Action.UPDATE, written(Set.of("status"))));
    }
    return new TicketCall(head, operations, true, answers);
  }

  @Override
  public OutboundRequest outbound(Credential credential) {
    // Answers are rewritten as they stream, so they must come as plain JSON.
    Headers headers =
        AgentHeaders.toUpstream(head.headers(), CREDENTIAL_HEADERS)
            .with("accept", "application/json")
            .with("accept-encoding", "identity");
    if (writes) {
      // Otherwise the answer shows the whole ticket, and a grant to create is no grant to read.
      headers = headers.with("prefer", "return=minimal");
    }
    AppliedCredential applied = AppliedCredential.to(headers, credential);
    return new OutboundRequest(
        head.method(), head.target(), applied.headers(), applied.names(), Optional.empty());
  }

  @Override
  public Inbound inbound(int status, Headers headers) {
    return answers.inbound(status, headers);
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
      throw MalformedRequestException.unknown(
          "a ticket has no field of that name: it has " + String.join(", ", sorted()));
    }
    return name;
  }

  private static List<String> sorted() {
    return FIELDS.stream().sorted().toList();
  }

  private static Set<String> members(JsonValue body, Set<String> known) {
    if (!(body instanceof JsonObject object)) {
      throw MalformedRequestException.body("the body must be one JSON object");
    }
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      if (!known.contains(member.getKey())) {
        throw MalformedRequestException.body(
            "this call sets only " + String.join(", ", known.stream().sorted().toList()));
      }
      if (member.getValue() instanceof JsonObject || member.getValue() instanceof JsonArray) {
        throw MalformedRequestException.body(
            member.getKey() + " must be a string, number, boolean or null");
      }
    }
    return object.members().keySet();
  }
}
