// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Several requests in one: {@code POST /api/now[/v1]/batch}. Each inner request is read, checked
 * and narrowed as if it had come alone, and the batch is written anew from what was understood. One
 * denied request denies the batch.
 */
final class BatchFamily implements Family {
  private static final String REQUESTS = "rest_requests";
  private static final String BATCH_ID = "batch_request_id";
  private static final int MOST_REQUESTS = 100;

  private final AgentCredentials credentials;
  private final Families families;

  /**
   * @param families what may stand inside; batches are not among them
   */
  BatchFamily(AgentCredentials credentials, Families families) {
    this.credentials = credentials;
    this.families = families;
  }

  @Override
  public boolean owns(ApiPath path) {
    return path.isNow("batch");
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    if (!ApiPath.of(head.target()).hasLength(1)) {
      throw Denials.unknown("expected /api/now/v1/batch, nothing more");
    }
    if (!head.method().equals("POST")) {
      throw Denials.unknown("a batch is sent by POST");
    }
    return Family.json(head);
  }

  @Override
  public Reply reply(ConnectorRequest request) {
    return new Reply.Batch();
  }

  @Override
  public Call call(ConnectorRequest request) {
    KnownParameters.check(request.target(), Map.of(), "a batch");
    JsonObject batch = batch(request);
    List<Operation> operations = new ArrayList<>();
    List<JsonValue> sent = new ArrayList<>();
    List<BatchRequest> inner = requests(batch);
    for (int i = 0; i < inner.size(); i++) {
      String where = where(i);
      BatchRequest part = inner.get(i);
      Call call = at(where, () -> call(part));
      call.operations().forEach(operation -> operations.add(inside(operation, where)));
      sent.add(part.sent(call, credentials));
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    batch.member(BATCH_ID).ifPresent(id -> members.put(BATCH_ID, id));
    members.put(REQUESTS, new JsonArray(sent));
    byte[] body = JsonText.of(new JsonObject(members));
    return new Call(operations, request.target(), Optional.of(body));
  }

  private Call call(BatchRequest part) {
    ConnectorRequest request = part.request();
    credentials.check(request);
    if (owns(ApiPath.of(request.target()))) {
      throw Denials.forbidden("a batch inside a batch is denied: send its requests in this one");
    }
    Family family = families.of(request);
    if (family.bodyUse(request) == BodyUse.STREAM || family.reply(request) instanceof Reply.File) {
      throw Denials.forbidden("a file cannot be carried in a batch: send the request alone");
    }
    return families.call(request);
  }

  /** The form of each inner answer, by the id of its request. */
  Map<String, Reply> replies(ConnectorRequest request) {
    Map<String, Reply> replies = new LinkedHashMap<>();
    for (BatchRequest part : requests(batch(request))) {
      replies.put(part.id(), families.of(part.request()).reply(part.request()));
    }
    return replies;
  }

  private static JsonObject batch(ConnectorRequest request) {
    if (!(JsonBody.read(request) instanceof JsonObject batch)) {
      throw Denials.body("a batch is one JSON object with " + REQUESTS);
    }
    BatchRequest.requireMembers(batch, Set.of(BATCH_ID, REQUESTS));
    if (batch.member(BATCH_ID).filter(id -> !(id instanceof JsonString)).isPresent()) {
      throw Denials.body(BATCH_ID + " must be a string");
    }
    return batch;
  }

  private static List<BatchRequest> requests(JsonObject batch) {
    if (!(batch.members().get(REQUESTS) instanceof JsonArray array) || array.items().isEmpty()) {
      throw Denials.body(REQUESTS + " must be a list of at least one request");
    }
    if (array.items().size() > MOST_REQUESTS) {
      throw new MalformedRequestException(
          Kind.TOO_LARGE,
          REQUESTS + " holds more than " + MOST_REQUESTS + " requests: send several batches");
    }
    Map<String, BatchRequest> requests = new LinkedHashMap<>();
    for (int i = 0; i < array.items().size(); i++) {
      JsonValue item = array.items().get(i);
      BatchRequest request = at(where(i), () -> BatchRequest.of(item));
      if (requests.put(request.id(), request) != null) {
        throw Denials.body(where(i) + ": its id is that of another request");
      }
    }
    return List.copyOf(requests.values());
  }

  private static String where(int index) {
    return REQUESTS + "[" + index + "]";
  }

  private static Operation inside(Operation operation, String where) {
    return new Operation(
        operation.family(), operation.object(), operation.action(), operation.fields(), where);
  }

  /** Says in a denial which of the requests it is about. */
  private static <T> T at(String where, Supplier<T> step) {
    try {
      return step.get();
    } catch (MalformedRequestException e) {
      throw new MalformedRequestException(e.kind(), where + ": " + e.sentence());
    }
  }
}
