// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.JsonLinkRewriter;
import dev.bailiwick.connector.JsonLinkRewriter.Place;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.LinkRewriter.Destination;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.VendorError;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the site's answers mean, and our own answers in its error shape (RFC 9457). */
final class Answers {
  private static final JsonFactory JSON = new JsonFactory();

  /** A ticket links to itself; a list links to its next page; arrays do not count in a place. */
  private static final List<Place> LINKS =
      List.of(Place.of("self"), Place.of("items/self"), Place.of("next"));

  private final LinkRewriter links;

  Answers(ConnectorSettings settings) {
    links = LinkRewriter.of(settings);
  }

  Inbound inbound(int status, Headers headers) {
    if (status == 401) {
      return new Inbound.CredentialExpired();
    }
    if (status >= 300 && status < 400 && leadsElsewhere(headers)) {
      return new Inbound.Unusable(
          "the site redirects to another origin: check the stored credential's user");
    }
    Headers relayed = links.headers(AgentHeaders.toAgent(headers));
    boolean success = status >= 200 && status < 300;
    if (!success || status == 204) {
      return new Inbound.Relay(status, relayed, Optional.empty());
    }
    if (!isPlainJson(headers)) {
      return new Inbound.Unusable(
          "the site answers with something other than plain JSON, perhaps its login form: check"
              + " the stored credential's user");
    }
    return new Inbound.Relay(
        status,
        relayed.without(LinkRewriter.bodyHeaders()),
        Optional.of(() -> new JsonLinkRewriter(links, LINKS)));
  }

  private boolean leadsElsewhere(Headers headers) {
    return headers.all("location").stream()
        .anyMatch(location -> links.destination(location.strip()) == Destination.ELSEWHERE);
  }

  private static boolean isPlainJson(Headers headers) {
    try {
      return MediaType.of(headers).isJson()
          && headers.all("content-encoding").stream().allMatch("identity"::equalsIgnoreCase);
    } catch (MalformedRequestException e) {
      return false; // two media types
    }
  }

  static VendorError error(int status, String code, String sentence) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), body)) {
      json.writeStartObject();
      json.writeName("title");
      json.writeString(code);
      json.writeName("status");
      json.writeNumber(status);
      json.writeName("detail");
      json.writeString(sentence);
      json.writeEndObject();
    }
    return new VendorError("application/problem+json", body.toByteArray());
  }
}
