// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a JSON object that two readers cannot understand differently. Denied are: invalid UTF-8,
 * duplicate members, {@code null}, numbers beyond 64 bits, unpaired surrogates, anything after the
 * object, and nesting deeper than {@value #MAX_DEPTH}, which stops the parser before it descends.
 */
final class StrictJson {
  static final int MAX_DEPTH = 32;

  private static final int MAX_NUMBER_CHARACTERS = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARACTERS)
                  .build())
          .build();

  private StrictJson() {}

  /** The text is not such an object. The message says why and shows nothing of the text. */
  static final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Reads one object. Values are {@code String}, {@code Long}, {@code Double}, {@code Boolean},
   * unmodifiable {@code List} and unmodifiable {@code Map}.
   */
  static Map<String, Object> readObject(byte[] utf8) throws MalformedJsonException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), decode(utf8))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedJsonException("it is not a JSON object");
      }
      Map<String, Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw new MalformedJsonException("something follows the JSON object");
      }
      return object;
    } catch (JacksonException e) {
      // The parser's own message may quote the text, so it goes no further.
      throw new MalformedJsonException(
          "it is not JSON, repeats a member, or nests deeper than " + MAX_DEPTH);
    }
  }

  private static String decode(byte[] utf8) throws MalformedJsonException {
    try {
      // A new decoder reports what it cannot decode; String would replace it.
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedJsonException("it is not UTF-8");
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws MalformedJsonException {
    Map<String, Object> members = new LinkedHashMap<>();
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      members.put(wellFormed(name), value(parser, parser.nextToken()));
    }
    return Collections.unmodifiableMap(members);
  }

  private static List<Object> array(JsonParser parser) throws MalformedJsonException {
    List<Object> elements = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      elements.add(value(parser, t));
    }
    return Collections.unmodifiableList(elements);
  }

  private static Object value(JsonParser parser, JsonToken token) throws MalformedJsonException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> wellFormed(parser.getString());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
      case VALUE_NULL -> throw new MalformedJsonException("it holds a null");
      default -> throw new MalformedJsonException("it is not JSON");
    };
  }

  private static long integer(JsonParser parser) throws MalformedJsonException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new MalformedJsonException("it holds a number beyond 64 bits");
    }
    return parser.getLongValue();
  }

  private static double finite(double number) throws MalformedJsonException {
    if (!Double.isFinite(number)) {
      throw new MalformedJsonException("it holds a number that is not finite");
    }
    return number;
  }

  private static String wellFormed(String text) throws MalformedJsonException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
        if (!pair) {
          throw new MalformedJsonException("it holds half of a surrogate pair");
        }
        i++;
      }
    }
    return text;
  }
}
