// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a JSON request body in the one way that leaves no second reading (RFC 8259, I-JSON RFC
 * 7493): UTF-8 without a byte order mark, no duplicate names, nothing after the value, no half
 * surrogate pairs, and limits on size, depth, numbers and tokens.
 */
public final class JsonBody {
  /** A name that is harmless enough to stand in a sentence. */
  private static final Pattern PLAIN_NAME = Pattern.compile("[\\w.@-]{1,64}");

  /** Limits come from bundles and not from requests, so there are few. */
  private static final Map<BodyLimits, JsonFactory> FACTORIES = new ConcurrentHashMap<>();

  private JsonBody() {}

  /**
   * Requires that a request says it carries JSON that can be read: one {@code Content-Type:
   * application/json}, in UTF-8, and no content coding.
   *
   * @throws MalformedRequestException of kind {@link Kind#MEDIA_TYPE} otherwise
   */
  public static void requireJson(Headers headers) {
    MediaType type = MediaType.of(headers);
    if (!type.is("application/json")) {
      throw new MalformedRequestException(
          Kind.MEDIA_TYPE,
          "this operation takes application/json, found " + type + ": send JSON in UTF-8");
    }
    type.requireUtf8();
    requireIdentity(headers);
  }

  /**
   * Requires that a body is not compressed: a body that is inflated here and again upstream is read
   * twice, and not by the same reader.
   *
   * @throws MalformedRequestException of kind {@link Kind#MEDIA_TYPE} otherwise
   */
  public static void requireIdentity(Headers headers) {
    for (String coding : headers.all("content-encoding")) {
      if (!coding.strip().equalsIgnoreCase("identity")) {
        throw new MalformedRequestException(
            Kind.MEDIA_TYPE,
            "a compressed request body cannot be checked: send it without Content-Encoding");
      }
    }
  }

  /**
   * Reads a JSON text.
   *
   * @throws MalformedRequestException of kind {@link Kind#BODY}, or {@link Kind#TOO_LARGE} when a
   *     limit is exceeded
   */
  public static JsonValue parse(byte[] body, BodyLimits limits) {
    if (body.length > limits.maxBytes()) {
      throw tooLarge();
    }
    // Decoded here and not by the parser, which would also accept UTF-16 and UTF-32.
    String text = utf8(body);
    JsonFactory json = FACTORIES.computeIfAbsent(limits, JsonBody::factory);
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), text)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw malformed("the body is empty, expected JSON");
      }
      JsonValue value = value(parser, first);
      if (parser.nextToken() != null) {
        throw malformed("the body goes on after its JSON value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw tooLarge();
    } catch (JacksonException e) {
      throw malformed(
          "the body is not valid JSON at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    }
  }

  private static JsonFactory factory(BodyLimits limits) {
    // Names come from the agent: they are neither interned nor kept in a shared table.
    return JsonFactory.builder()
        .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
        .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(limits.maxDepth())
                .maxTokenCount(limits.maxTokens())
                .maxNumberLength(100)
                .maxNameLength(1000)
                .maxStringLength(limits.maxBytes())
                .maxDocumentLength(limits.maxBytes())
                .build())
        .build();
  }

  private static JsonValue value(JsonParser parser, @Nullable JsonToken token) {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> new JsonString(text(parser.getString()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getString());
      case VALUE_TRUE -> new JsonBoolean(true);
      case VALUE_FALSE -> new JsonBoolean(false);
      case VALUE_NULL -> new JsonNull();
      case null, default -> throw malformed("the body ends in the middle of its JSON value");
    };
  }

  private static JsonObject object(JsonParser parser) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = text(parser.currentName());
      if (members.put(name, value(parser, parser.nextToken())) != null) {
        throw malformed("the body holds the name " + shown(name) + " twice in one object");
      }
    }
    return new JsonObject(members);
  }

  private static JsonArray array(JsonParser parser) {
    List<JsonValue> items = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      items.add(value(parser, token));
    }
    return new JsonArray(items);
  }

  /** A half surrogate pair can be written as an escape, and readers make different texts of it. */
  private static String text(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw malformed("the body holds half of a surrogate pair");
      }
    }
    return text;
  }

  private static String shown(String name) {
    return PLAIN_NAME.matcher(name).matches() ? "\"" + name + "\"" : "of a member";
  }

  private static String utf8(byte[] body) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(body))
              .toString();
      if (text.startsWith("\uFEFF")) {
        throw malformed("the body starts with a byte order mark (RFC 8259 §8.1)");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw malformed("the body is not UTF-8 (RFC 8259 §8.1)");
    }
  }

  private static MalformedRequestException malformed(String sentence) {
    return new MalformedRequestException(Kind.BODY, sentence);
  }

  private static MalformedRequestException tooLarge() {
    return new MalformedRequestException(
        Kind.TOO_LARGE,
        "the body is larger, deeper or longer in one of its parts than can be checked");
  }
}
