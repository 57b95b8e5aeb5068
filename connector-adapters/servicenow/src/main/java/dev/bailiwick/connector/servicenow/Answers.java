// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.JsonLinkRewriter;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.LinkRewriter.Destination;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.VendorError;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What an instance's answers mean, and our own answers in its error shape. */
final class Answers {
  private static final int NOT_MODIFIED = 304;
  private static final JsonFactory JSON = new JsonFactory();

  private final LinkRewriter links;

  Answers(ConnectorSettings settings) {
    links = LinkRewriter.of(settings);
  }

  Inbound inbound(Reply reply, int status, Headers headers) {
    if (status == 401) {
      return new Inbound.CredentialExpired();
    }
    if (status >= 300 && status < 400 && status != NOT_MODIFIED && leadsElsewhere(headers)) {
      return new Inbound.Unusable(
          "the instance redirects to another origin, probably to single sign-on: check the"
              + " stored credential's user");
    }
    MediaType type;
    try {
      type = MediaType.of(headers);
    } catch (MalformedRequestException e) {
      return new Inbound.Unusable("the instance answers with two media types");
    }
    boolean success = status >= 200 && status < 300;
    if (success && type.is("text/html")) {
      return new Inbound.Unusable(
          "the instance answers with an HTML page, probably its login form: check the stored"
              + " credential's user and session policy");
    }
    boolean file = reply instanceof Reply.File;
    if (success && !file && !type.essence().isEmpty() && !type.isJson()) {
      return new Inbound.Unusable(
          "the instance answers with " + type + " where JSON was asked for");
    }
    Headers relayed = relayed(headers);
    boolean batch = reply instanceof Reply.Batch;
    if (!success || file || !(batch || type.isJson())) {
      return new Inbound.Relay(status, relayed, Optional.empty());
    }
    if (headers.all("content-encoding").stream().anyMatch(c -> !c.equalsIgnoreCase("identity"))) {
      return new Inbound.Unusable("the instance compresses an answer that was asked for plain");
    }
    if (batch) {
      return new Inbound.Inspect(BatchAnswer.MOST_BYTES);
    }
    Supplier<BodyRewriter> rewriter = () -> new JsonLinkRewriter(links, places(reply));
    return new Inbound.Relay(
        status, relayed.without(LinkRewriter.bodyHeaders()), Optional.of(rewriter));
  }

  /** The answer to a batch: rewritten as a whole, or not relayed. */
  Inbound inspect(Reply reply, int status, Headers headers, byte[] body) {
    Map<String, Reply> replies = reply instanceof Reply.Batch batch ? batch.inner() : Map.of();
    byte[] moved;
    try {
      moved = new BatchAnswer(replies, links).moved(body);
    } catch (MalformedRequestException e) {
      return new Inbound.Unusable(
          "the instance answers the batch in a form whose links cannot be moved to the gateway: "
              + e.sentence());
    }
    return new Inbound.Relay(
        status,
        relayed(headers).without(LinkRewriter.bodyHeaders()),
        Optional.of(() -> new BatchAnswer.Replacement(moved)));
  }

  /** The metadata that comes with a file holds links to the instance, and a request of its own. */
  private Headers relayed(Headers headers) {
    return links.headers(AgentHeaders.toAgent(headers)).without(List.of("x-attachment-metadata"));
  }

  private static List<JsonLinkRewriter.Place> places(Reply reply) {
    return reply instanceof Reply.Json json ? json.links() : List.of();
  }

  private boolean leadsElsewhere(Headers headers) {
    return headers.all("location").stream()
        .anyMatch(location -> links.destination(location.strip()) == Destination.ELSEWHERE);
  }

  static VendorError error(String code, String sentence) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), body)) {
      json.writeStartObject();
      json.writeName("error");
      json.writeStartObject();
      json.writeName("message");
      json.writeString(code);
      json.writeName("detail");
      json.writeString(sentence);
      json.writeEndObject();
      json.writeName("status");
      json.writeString("failure");
      json.writeEndObject();
    }
    return new VendorError("application/json;charset=UTF-8", body.toByteArray());
  }
}
