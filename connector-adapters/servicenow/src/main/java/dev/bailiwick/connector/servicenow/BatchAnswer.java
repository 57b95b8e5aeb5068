// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonLinkRewriter;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.LinkRewriter.Destination;
import dev.bailiwick.connector.MalformedRequestException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to a batch, written anew: inner bodies are decoded, their links moved to the gateway,
 * and encoded again; inner headers lose what no agent may see. Members that are not known are left
 * out, since nobody can say what they hold.
 */
final class BatchAnswer {
  /** The vendor's own limit for a whole answer. */
  static final int MOST_BYTES = 10 * 1024 * 1024;

  private static final BodyLimits LIMITS = new BodyLimits(MOST_BYTES, 32, 100_000);
  private static final String SERVICED = "serviced_requests";
  private static final String UNSERVICED = "unserviced_requests";
  private static final String REDIRECT = "redirect_url";
  private static final List<String> KEPT =
      List.of("id", "status_code", "status_text", "execution_time");

  private final Map<String, Reply> replies;
  private final LinkRewriter links;

  /**
   * @param replies the form of each inner answer, by the id of its request
   */
  BatchAnswer(Map<String, Reply> replies, LinkRewriter links) {
    this.replies = Map.copyOf(replies);
    this.links = links;
  }

  /**
   * The answer that the agent gets.
   *
   * @throws MalformedRequestException when the answer is not what was asked for
   */
  byte[] moved(byte[] body) {
    if (!(JsonBody.parse(body, LIMITS) instanceof JsonObject answer)
        || !(answer.members().get(SERVICED) instanceof JsonArray serviced)) {
      throw MalformedRequestException.body("the answer holds no " + SERVICED);
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    copy(answer, members, "batch_request_id");
    members.put(SERVICED, new JsonArray(serviced.items().stream().map(this::serviced).toList()));
    members.put(UNSERVICED, unserviced(answer));
    return JsonText.of(new JsonObject(members));
  }

  /** Only the ids: whatever else is said there is left out. */
  private JsonValue unserviced(JsonObject answer) {
    List<JsonValue> ids = new ArrayList<>();
    if (answer.members().get(UNSERVICED) instanceof JsonArray array) {
      for (JsonValue item : array.items()) {
        if (item instanceof JsonString) {
          ids.add(item);
        } else if (item instanceof JsonObject object && object.text("id").isPresent()) {
          Map<String, JsonValue> members = new LinkedHashMap<>();
          copy(object, members, "id");
          ids.add(new JsonObject(members));
        }
      }
    }
    return new JsonArray(ids);
  }

  private JsonValue serviced(JsonValue item) {
    if (!(item instanceof JsonObject part)
        || !(part.members().get("id") instanceof JsonString id)
        || !(replies.get(id.value()) instanceof Reply.Json reply)) {
      throw MalformedRequestException.body(
          "the answer holds one to a request that was not in the batch");
    }
    Map<String, JsonValue> members = new LinkedHashMap<>();
    KEPT.forEach(name -> copy(part, members, name));
    JsonValue body = part.members().get("body");
    if (body instanceof JsonString encoded) {
      members.put("body", new JsonString(moved(encoded.value(), reply)));
    } else if (body != null) {
      throw MalformedRequestException.body("an inner body is no base64 string");
    }
    if (part.member(BatchHeaders.MEMBER).isPresent()) {
      members.put(BatchHeaders.MEMBER, BatchHeaders.write(headers(BatchHeaders.read(part))));
    }
    part.text(REDIRECT)
        .filter(link -> !link.isEmpty())
        .ifPresent(link -> members.put(REDIRECT, new JsonString(inside(link))));
    return new JsonObject(members);
  }

  private Headers headers(Headers headers) {
    headers.all("location").forEach(this::inside);
    return links.headers(AgentHeaders.toAgent(headers)).without(LinkRewriter.bodyHeaders());
  }

  private String inside(String link) {
    if (links.destination(link.strip()) == Destination.ELSEWHERE) {
      throw MalformedRequestException.body("an inner answer redirects to another origin");
    }
    return links.reference(link.strip());
  }

  private String moved(String encoded, Reply.Json reply) {
    byte[] bytes = BatchRequest.base64(encoded);
    BodyRewriter rewriter = new JsonLinkRewriter(links, reply.links());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(rewriter.feed(bytes, 0, bytes.length));
    out.writeBytes(rewriter.finish());
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  private static void copy(JsonObject from, Map<String, JsonValue> to, String name) {
    JsonValue value = from.members().get(name);
    if (value instanceof JsonObject || value instanceof JsonArray) {
      throw MalformedRequestException.body("the answer's " + name + " is no plain value");
    }
    if (value != null) {
      to.put(name, value);
    }
  }

  /** Puts a body in the place of the one that was read. */
  record Replacement(byte[] bytes) implements BodyRewriter {
    @Override
    public byte[] feed(byte[] piece, int offset, int length) {
      return new byte[0];
    }

    @Override
    public byte[] finish() {
      return bytes;
    }
  }
}
