// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

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
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What a tenant's answers mean, and our own answers in its error shape. */
final class Answers {
  private static final int NOT_MODIFIED = 304;
  private static final JsonFactory JSON = new JsonFactory();

  /** Every instance in an answer carries an absolute link to itself. */
  private static final List<JsonLinkRewriter.Place> LINKS =
      List.of(JsonLinkRewriter.Place.of("**/href"));

  private final LinkRewriter links;

  Answers(ConnectorSettings settings) {
    links = LinkRewriter.of(settings);
  }

  Inbound inbound(AnswerForm form, int status, Headers headers) {
    if (status == 401) {
      return new Inbound.CredentialExpired();
    }
    if (status >= 300 && status < 400 && status != NOT_MODIFIED && leadsElsewhere(headers)) {
      return new Inbound.Unusable(
          "the tenant redirects to another origin, probably to single sign-on: check the stored"
              + " credential's user");
    }
    MediaType type;
    try {
      type = MediaType.of(headers);
    } catch (MalformedRequestException e) {
      return new Inbound.Unusable("the tenant answers with two media types");
    }
    boolean success = status >= 200 && status < 300;
    if (success && (type.is("text/html") || type.is("application/xhtml+xml"))) {
      return new Inbound.Unusable(
          "the tenant answers with an HTML page, probably its sign-in form: check the stored"
              + " credential's user and security policy");
    }
    if (success && !type.essence().isEmpty() && !fits(form, type)) {
      return new Inbound.Unusable("the tenant answers with " + type + " where " + form + " is due");
    }
    Headers relayed = links.headers(AgentHeaders.toAgent(headers));
    if (!success || !type.isJson()) {
      return new Inbound.Relay(status, relayed, Optional.empty());
    }
    if (headers.all("content-encoding").stream().anyMatch(c -> !c.equalsIgnoreCase("identity"))) {
      return new Inbound.Unusable("the tenant compresses an answer that was asked for plain");
    }
    Supplier<BodyRewriter> rewriter = () -> new JsonLinkRewriter(links, LINKS);
    return new Inbound.Relay(
        status, relayed.without(LinkRewriter.bodyHeaders()), Optional.of(rewriter));
  }

  private static boolean fits(AnswerForm form, MediaType type) {
    return switch (form) {
      case JSON -> type.isJson();
      case XML -> type.is("text/xml") || type.is("application/xml");
      case ANY -> true;
    };
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
      json.writeString(sentence);
      json.writeName("errors");
      json.writeStartArray();
      json.writeStartObject();
      json.writeName("error");
      json.writeString(sentence);
      json.writeName("code");
      json.writeString(code);
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    }
    return new VendorError("application/json;charset=UTF-8", body.toByteArray());
  }
}
