// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonLinkRewriter;
import dev.bailiwick.connector.JsonLinkRewriter.Place;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.LinkRewriter;
import dev.bailiwick.connector.LinkRewriter.Destination;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.VendorError;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What Salesforce's answers mean, and how they are made fit for an agent. Thread-safe. */
final class Answers {
  private static final int MOST_ERROR_BYTES = 16 * 1024;
  private static final int MOST_COMPOUND_BYTES = 64 * 1024;
  private static final String EXPIRED = "INVALID_SESSION_ID";
  private static final String LIMITED = "REQUEST_LIMIT_EXCEEDED";
  private static final JsonFactory JSON = new JsonFactory();

  /** The members that hold a path of the API, wherever a record or a description stands. */
  private static final List<Place> LINKS =
      List.of(
          Place.of("**/attributes/url"),
          Place.of("**/nextRecordsUrl"),
          Place.of("**/urls/*"),
          Place.of("**/httpHeaders/Location"),
          Place.of("contentUrl"));

  /** The list of versions and the list of resources are made of paths. */
  private static final List<Place> INDEX = List.of(Place.of("*"));

  /** Where locators stand in the answer to a query: its own, and those of the rows below a row. */
  private static final List<Place> LOCATORS = List.of(Place.of("**/nextRecordsUrl"));

  /**
   * Where they stand when the query was a part of a compound request. Other parts may be custom
   * code, whose output may have any shape but none of these.
   */
  private static final List<Place> LOCATORS_OF_PARTS =
      Stream.of("compositeResponse/body", "results/result")
          .flatMap(
              part ->
                  Stream.of(
                      part + "/nextRecordsUrl",
                      part + "/records/*/nextRecordsUrl",
                      part + "/records/*/records/*/nextRecordsUrl"))
          .map(Place::of)
          .toList();

  private static final List<Place> JOB_ID = List.of(Place.of("id"));

  private final LinkRewriter links;
  private final boolean mounted;
  private final Duration limitPause;

  Answers(ConnectorSettings settings, Duration limitPause) {
    links = LinkRewriter.of(settings);
    this.limitPause = limitPause;
    mounted = !settings.external().getRawPath().isEmpty();
  }

  /** What status and headers say. */
  Inbound head(String method, Answer answer, int status, Headers headers) {
    if (status == 401) {
      return method.equals("HEAD")
          ? new Inbound.CredentialExpired()
          : new Inbound.Inspect(MOST_ERROR_BYTES);
    }
    if (status > 300 && status < 400 && status != 304 && leadsElsewhere(headers)) {
      return new Inbound.Unusable(
          "Salesforce answered with a redirect to another host, which is not followed");
    }
    if (answer != Answer.OPAQUE && isHtml(headers)) {
      return new Inbound.Unusable(
          "Salesforce answered with an HTML page instead of data: the session may be restricted");
    }
    Inbound.Relay relay = relay(answer, status, headers);
    // Custom code and files say what they like.
    if ((status == 403 || status == 400) && answer != Answer.OPAQUE && !method.equals("HEAD")) {
      return new Inbound.Inspect(MOST_ERROR_BYTES, Optional.of(relay));
    }
    return answer == Answer.COMPOUND && status == 200 && mayBeShort(headers)
        ? new Inbound.Inspect(MOST_COMPOUND_BYTES, Optional.of(relay))
        : relay;
  }

  /** What the body says, where the head did not say enough. */
  Inbound body(Answer answer, int status, Headers headers, byte[] body) {
    if (status == 401) {
      boolean expired =
          body.length == 0 || new String(body, StandardCharsets.UTF_8).contains(EXPIRED);
      return expired
          ? new Inbound.CredentialExpired()
          : new Inbound.Unusable("Salesforce did not accept the stored credential");
    }
    if (status == 403 || status == 400) {
      Inbound.Relay relay = relay(answer, status, headers);
      return answer != Answer.OPAQUE && names(LIMITED, body)
          ? new Inbound.Limited(relay, limitPause)
          : relay;
    }
    return answer == Answer.COMPOUND && everyPartExpired(body)
        ? new Inbound.CredentialExpired()
        : relay(answer, status, headers);
  }

  private Inbound.Relay relay(Answer answer, int status, Headers headers) {
    Headers moved = links.headers(AgentHeaders.toAgent(headers));
    boolean plain =
        headers.all("content-encoding").stream().allMatch(c -> c.strip().equals("identity"));
    boolean read = mounted || handsOut(answer);
    if (!read || answer == Answer.OPAQUE || !plain || !isJson(headers)) {
      return new Inbound.Relay(status, moved, Optional.empty());
    }
    return new Inbound.Relay(
        status, moved.without(LinkRewriter.bodyHeaders()), Optional.of(() -> rewriter(answer)));
  }

  private static boolean handsOut(Answer answer) {
    return answer == Answer.QUERY || answer == Answer.JOB || answer == Answer.COMPOUND;
  }

  private BodyRewriter rewriter(Answer answer) {
    JsonLinkRewriter rewriter =
        new JsonLinkRewriter(links::reference, answer == Answer.INDEX ? INDEX : LINKS);
    return switch (answer) {
      case QUERY -> rewriter.watching(LOCATORS, Handles::locatorOfLink);
      case COMPOUND -> rewriter.watching(LOCATORS_OF_PARTS, Handles::locatorOfLink);
      case JOB -> rewriter.watching(JOB_ID, Handles::job);
      case RECORDS, JSON, INDEX, OPAQUE -> rewriter;
    };
  }

  private boolean leadsElsewhere(Headers headers) {
    return headers.all("location").stream()
        .anyMatch(location -> links.destination(location.strip()) == Destination.ELSEWHERE);
  }

  private static boolean isHtml(Headers headers) {
    return mediaType(headers).map(type -> type.is("text/html")).orElse(true);
  }

  private static boolean isJson(Headers headers) {
    return mediaType(headers).map(MediaType::isJson).orElse(false);
  }

  private static Optional<MediaType> mediaType(Headers headers) {
    try {
      return Optional.of(MediaType.of(headers));
    } catch (MalformedRequestException e) {
      return Optional.empty();
    }
  }

  /** Longer answers stream through: parts of them were carried out, so a repeat would be wrong. */
  private static boolean mayBeShort(Headers headers) {
    return headers
        .first("content-length")
        .filter(length -> length.matches("[0-9]{1,18}"))
        .map(length -> Long.parseLong(length) <= MOST_COMPOUND_BYTES)
        .orElse(true);
  }

  /** Whether a body is Salesforce's list of errors and one of them has this code. */
  private static boolean names(String code, byte[] body) {
    try {
      return names(code, JsonBody.parse(body, BodyLimits.defaults()));
    } catch (MalformedRequestException e) {
      return false;
    }
  }

  /**
   * Whether a compound request failed as a whole because the session had expired. If only some of
   * its parts did, the others were carried out and a repeat would carry them out again.
   */
  private static boolean everyPartExpired(byte[] body) {
    List<JsonObject> parts = new ArrayList<>();
    try {
      collectParts(JsonBody.parse(body, BodyLimits.defaults()), parts);
    } catch (MalformedRequestException e) {
      return false;
    }
    return !parts.isEmpty() && parts.stream().allMatch(Answers::hasExpired);
  }

  private static void collectParts(JsonValue value, List<JsonObject> parts) {
    switch (value) {
      case JsonArray array -> array.items().forEach(item -> collectParts(item, parts));
      case JsonObject object -> {
        boolean part =
            object.member("httpStatusCode").isPresent() || object.member("statusCode").isPresent();
        if (part) {
          parts.add(object);
        } else {
          for (String list : List.of("compositeResponse", "results", "graphs", "graphResponse")) {
            object.member(list).ifPresent(inner -> collectParts(inner, parts));
          }
        }
      }
      default -> {}
    }
  }

  private static boolean hasExpired(JsonObject part) {
    boolean unauthorized =
        List.of("httpStatusCode", "statusCode").stream()
            .flatMap(name -> part.member(name).stream())
            .anyMatch(code -> code instanceof JsonNumber number && number.text().equals("401"));
    boolean expired =
        List.of("body", "result").stream()
            .flatMap(name -> part.member(name).stream())
            .anyMatch(errors -> names(EXPIRED, errors));
    return unauthorized && expired;
  }

  private static boolean names(String expected, JsonValue errors) {
    return errors instanceof JsonArray array
        && array.items().stream()
            .anyMatch(
                error ->
                    error instanceof JsonObject object
                        && object.member("errorCode").orElse(null) instanceof JsonString code
                        && code.value().equals(expected));
  }

  /** A denial in the shape of Salesforce's own errors. */
  static VendorError error(String code, String sentence) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartArray();
      json.writeStartObject();
      json.writeStringProperty("message", sentence);
      json.writeStringProperty("errorCode", code);
      json.writeEndObject();
      json.writeEndArray();
    }
    return new VendorError("application/json;charset=UTF-8", bytes.toByteArray());
  }
}
