// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One request inside a batch, read by the same rules as a request that comes alone.
 *
 * @param id what its answer is found by
 * @param withoutHeaders what it says about the headers of its answer, if anything
 */
record BatchRequest(String id, ConnectorRequest request, Optional<JsonValue> withoutHeaders) {
  private static final String EXCLUDE = "exclude_response_headers";
  private static final Set<String> MEMBERS =
      Set.of("id", "method", "url", "headers", "body", EXCLUDE);
  private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");

  /** Reads an item of {@code rest_requests}, or denies it. */
  static BatchRequest of(JsonValue item) {
    if (!(item instanceof JsonObject object)) {
      throw MalformedRequestException.body("a request must be a JSON object");
    }
    requireMembers(object, MEMBERS);
    String method = text(object, "method");
    if (!METHODS.contains(method)) {
      throw MalformedRequestException.unknown(
          "method must be GET, POST, PUT, PATCH or DELETE, in upper case");
    }
    Optional<JsonValue> exclude = object.member(EXCLUDE);
    if (exclude.filter(value -> !(value instanceof JsonBoolean)).isPresent()) {
      throw MalformedRequestException.body(EXCLUDE + " must be true or false");
    }
    ConnectorRequest head =
        ConnectorRequest.head(method, target(text(object, "url")), headers(object));
    return new BatchRequest(text(object, "id"), head.withBody(body(object)), exclude);
  }

  static void requireMembers(JsonObject object, Set<String> known) {
    for (String name : object.members().keySet()) {
      if (!known.contains(name)) {
        throw MalformedRequestException.body(
            "the member " + MalformedRequestException.shown(name) + " is not known in a batch");
      }
    }
  }

  private static String text(JsonObject object, String name) {
    return object
        .text(name)
        .filter(text -> !text.isEmpty())
        .orElseThrow(
            () -> MalformedRequestException.body(name + " must be a string and not empty"));
  }

  private static RequestTarget target(String url) {
    if (!url.startsWith("/") || url.startsWith("//")) {
      throw MalformedRequestException.forbidden(
          "url must be a path such as /api/now/table/incident, without a host");
    }
    int query = url.indexOf('?');
    return RequestTarget.parse(
        query < 0 ? url : url.substring(0, query), query < 0 ? null : url.substring(query + 1));
  }

  private static Headers headers(JsonObject object) {
    Headers headers = BatchHeaders.read(object);
    Set<String> seen = new HashSet<>();
    for (Headers.Field field : headers.fields()) {
      if (!seen.add(field.name())) {
        throw MalformedRequestException.body(
            "the header " + MalformedRequestException.shown(field.name()) + " is given twice");
      }
    }
    return headers;
  }

  private static byte[] body(JsonObject object) {
    JsonValue body = object.members().get("body");
    if (body == null) {
      return new byte[0];
    }
    if (!(body instanceof JsonString string)) {
      throw MalformedRequestException.body("body must be a base64 string");
    }
    return base64(string.value());
  }

  /** Decodes the one written form of some bytes, padding included (RFC 4648 §3.5). */
  static byte[] base64(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // Said below, as for a form that is decodable and not the only one.
    }
    throw MalformedRequestException.body(
        "body must be base64 in its one form, with padding (RFC 4648 §4)");
  }

  /** This request as it is sent: what its call says, and nothing that authenticates. */
  JsonValue sent(Call call, AgentCredentials credentials) {
    Headers headers =
        credentials
            .strip(request.headers())
            .without(LinkRewriter.bodyHeaders())
            .without(List.of("accept-encoding"))
            .with("accept", "application/json");
    Map<String, JsonValue> members = new LinkedHashMap<>();
    members.put("id", new JsonString(id));
    members.put("method", new JsonString(request.method()));
    members.put("url", new JsonString(call.sent().pathAndQuery()));
    members.put("headers", BatchHeaders.write(headers));
    byte[] body = call.body().orElse(request.body());
    if (body.length > 0) {
      members.put("body", new JsonString(Base64.getEncoder().encodeToString(body)));
    }
    withoutHeaders.ifPresent(value -> members.put(EXCLUDE, value));
    return new JsonObject(members);
  }
}
