// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
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
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    if (!path.hasLength(1)) {
      throw MalformedRequestException.unknown("expected /api/now/v1/batch, nothing more");
    }
    if (!head.method().equals("POST")) {
      throw MalformedRequestException.unknown("a batch is sent by POST");
    }
    KnownParameters.check(head.target(), Map.of(), "a batch");
    JsonBody.requireJson(head.headers());
    return Classification.reading(
        (body, limits) -> call(head.target(), batch(JsonBody.parse(body, limits)), limits));
  }

  private Call call(RequestTarget target, JsonObject batch, BodyLimits limits) {
    List<Operation> operations = new ArrayList<>();
    List<JsonValue> sent = new ArrayList<>();
    Map<String, Reply> replies = new LinkedHashMap<>();
    List<BatchRequest> inner = requests(batch);
    for (int i = 0; i < inner.size(); i++) {
      String where = where(i);
      BatchRequest part = inner.get(i);
      Call call = at(where, () -> call(part.request(), limits));
      call.operations().forEach(operation -> operations.add(operation.at(where)));
      sent.add(part.sent(call, credentials));
      replies.put(part.id(), call.reply());
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    batch.member(BATCH_ID).ifPresent(id -> members.put(BATCH_ID, id));
    members.put(REQUESTS, new JsonArray(sent));
    byte[] body = JsonText.of(new JsonObject(members));
    return new Call(operations, target, Optional.of(body), new Reply.Batch(replies));
  }

  private Call call(ConnectorRequest request, BodyLimits limits) {
    credentials.check(request);
    if (owns(ApiPath.of(request.target()))) {
      throw MalformedRequestException.forbidden(
          "a batch inside a batch is denied: send its requests in this one");
    }
    Classification<Call> classification = families.classify(request);
    Call call = classification.call(request.body(), limits);
    if (classification.bodyUse() == BodyUse.STREAM || call.reply() instanceof Reply.File) {
      throw MalformedRequestException.forbidden(
          "a file cannot be carried in a batch: send the request alone");
    }
    return call;
  }

  private static JsonObject batch(JsonValue body) {
    if (!(body instanceof JsonObject batch)) {
      throw MalformedRequestException.body("a batch is one JSON object with " + REQUESTS);
    }
    BatchRequest.requireMembers(batch, Set.of(BATCH_ID, REQUESTS));
    if (batch.member(BATCH_ID).filter(id -> !(id instanceof JsonString)).isPresent()) {
      throw MalformedRequestException.body(BATCH_ID + " must be a string");
    }
    return batch;
  }

  private static List<BatchRequest> requests(JsonObject batch) {
    if (!(batch.members().get(REQUESTS) instanceof JsonArray array) || array.items().isEmpty()) {
      throw MalformedRequestException.body(REQUESTS + " must be a list of at least one request");
    }
    if (array.items().size() > MOST_REQUESTS) {
      throw MalformedRequestException.tooLarge(
          REQUESTS + " holds more than " + MOST_REQUESTS + " requests: send several batches");
    }
    Map<String, BatchRequest> requests = new LinkedHashMap<>();
    for (int i = 0; i < array.items().size(); i++) {
      JsonValue item = array.items().get(i);
      BatchRequest request = at(where(i), () -> BatchRequest.of(item));
      if (requests.put(request.id(), request) != null) {
        throw MalformedRequestException.body(where(i) + ": its id is that of another request");
      }
    }
    return List.copyOf(requests.values());
  }

  private static String where(int index) {
    return REQUESTS + "[" + index + "]";
  }

  /** Says in a denial which of the requests it is about. */
  private static <T> T at(String where, Supplier<T> step) {
    try {
      return step.get();
    } catch (MalformedRequestException e) {
      throw e.at(where);
    }
  }
}
