// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.async.ByteArrayFeeder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * Moves the links of a JSON answer to the gateway while it streams. Only strings at the given
 * places are looked at, so text that merely mentions the vendor's host stays as it is; numbers keep
 * their text. Memory does not grow with the answer: it holds the longest single string and the
 * names above it.
 *
 * <p>White space between tokens and the choice of escapes are not kept.
 */
public final class JsonLinkRewriter implements BodyRewriter {
  private static final int LONGEST_STRING = 20_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
          // Half surrogate pairs occur in vendors' data; written as escapes they pass unchanged.
          .disable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(LONGEST_STRING)
                  .maxNumberLength(10_000)
                  .build())
          .build();

  private final UnaryOperator<String> move;
  private final List<Place> places;
  private final boolean absoluteOnly;
  private @Nullable Streams opened;
  private final List<String> path = new ArrayList<>();
  private final List<Handle> found = new ArrayList<>();
  private List<Place> watched = List.of();
  private Function<String, Optional<Handle>> reader = text -> Optional.empty();

  /** What reads and writes JSON; not there for a body that needs neither. */
  private static final class Streams {
    private final JsonParser parser =
        JSON.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    private final ByteArrayFeeder feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
    private final ByteArrayOutputStream ready = new ByteArrayOutputStream();
    private final JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), ready);

    byte[] takeReady() {
      generator.flush();
      byte[] bytes = ready.toByteArray();
      ready.reset();
      return bytes;
    }

    /** Their buffers go back to the pool. */
    void close() {
      parser.close();
      generator.close();
    }
  }

  /**
   * Where links stand in a document: property names joined by slashes, from the root. {@code *} is
   * any one name, and a leading {@code **} any number of names. Arrays do not count: {@code
   * result/*}{@code /link} is the {@code link} of every field of one result or of a list of them.
   */
  public static final class Place {
    private final List<String> names;
    private final boolean anywhere;

    private Place(List<String> names, boolean anywhere) {
      this.names = List.copyOf(names);
      this.anywhere = anywhere;
    }

    /** Reads the written form; throws {@link IllegalArgumentException} when a name is empty. */
    public static Place of(String written) {
      boolean anywhere = written.startsWith("**/");
      List<String> names = List.of((anywhere ? written.substring(3) : written).split("/", -1));
      if (names.contains("") || names.contains("**")) {
        throw new IllegalArgumentException(
            "expected names joined by slashes, such as result/*/link");
      }
      return new Place(names, anywhere);
    }

    boolean matches(List<String> path) {
      int above = path.size() - names.size();
      if (above < 0 || (above > 0 && !anywhere)) {
        return false;
      }
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        if (!name.equals("*") && !name.equals(path.get(above + i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** Moves absolute links; a path alone stays as it is. */
  public JsonLinkRewriter(LinkRewriter links, List<Place> places) {
    this(links::absolute, places, true);
  }

  /**
   * @param move makes the link that the agent sees of the vendor's, such as {@link
   *     LinkRewriter#reference} where a vendor writes its links without an origin
   */
  public JsonLinkRewriter(UnaryOperator<String> move, List<Place> places) {
    this(move, places, false);
  }

  private JsonLinkRewriter(UnaryOperator<String> move, List<Place> places, boolean absoluteOnly) {
    this.move = Objects.requireNonNull(move, "move");
    this.places = List.copyOf(places);
    this.absoluteOnly = absoluteOnly;
  }

  private Streams streams() {
    if (opened == null) {
      opened = new Streams();
    }
    return opened;
  }

  /**
   * Looks for handles, too.
   *
   * @param handles where they stand; no place that agents or customers can name
   * @param read makes a handle of what stands there, as the vendor wrote it
   */
  public JsonLinkRewriter watching(List<Place> handles, Function<String, Optional<Handle>> read) {
    watched = List.copyOf(handles);
    reader = Objects.requireNonNull(read, "read");
    return this;
  }

  @Override
  public List<Handle> handles() {
    List<Handle> taken = List.copyOf(found);
    found.clear();
    return taken;
  }

  /**
   * {@inheritDoc} A body in which nothing can stand that is looked for is returned as it is,
   * without being read as JSON.
   */
  @Override
  public byte[] rewrite(byte[] body) {
    return absoluteOnly && watched.isEmpty() && !mayHoldAbsoluteLink(body)
        ? body
        : BodyRewriter.super.rewrite(body);
  }

  /**
   * An absolute link holds two slashes, and JSON has two more ways to write one: an escaped slash
   * and a code point by its number. A zero byte says that the text is not UTF-8.
   */
  private static boolean mayHoldAbsoluteLink(byte[] body) {
    byte before = ' ';
    for (byte b : body) {
      boolean slashes = b == '/' && (before == '/' || before == '\\');
      if (slashes || b == 0 || (b == 'u' && before == '\\')) {
        return true;
      }
      before = b;
    }
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * @throws MalformedRequestException of kind {@link Kind#BODY} when the answer is not JSON
   */
  @Override
  public byte[] feed(byte[] piece, int offset, int length) {
    try {
      Streams json = streams();
      json.feeder.feedInput(piece, offset, offset + length);
      copyTokens(json);
      return json.takeReady();
    } catch (JacksonException e) {
      throw malformed();
    }
  }

  @Override
  public byte[] finish() {
    try {
      Streams json = streams();
      json.feeder.endOfInput();
      copyTokens(json);
      if (!json.generator.streamWriteContext().inRoot()) {
        throw malformed();
      }
      byte[] last = json.takeReady();
      json.close();
      return last;
    } catch (JacksonException e) {
      throw malformed();
    }
  }

  private void copyTokens(Streams json) {
    for (JsonToken token = json.parser.nextToken();
        token != null && token != JsonToken.NOT_AVAILABLE;
        token = json.parser.nextToken()) {
      copy(token, json.parser, json.generator);
    }
  }

  private void copy(JsonToken token, JsonParser parser, JsonGenerator generator) {
    switch (token) {
      case START_OBJECT -> {
        path.addLast("");
        generator.writeStartObject();
      }
      case END_OBJECT -> {
        path.removeLast();
        generator.writeEndObject();
      }
      case START_ARRAY -> generator.writeStartArray();
      case END_ARRAY -> generator.writeEndArray();
      case PROPERTY_NAME -> {
        path.set(path.size() - 1, parser.currentName());
        generator.writeName(parser.currentName());
      }
      case VALUE_STRING -> {
        String text = parser.getString();
        if (watched.stream().anyMatch(place -> place.matches(path))) {
          reader.apply(text).ifPresent(found::add);
        }
        boolean isLink = places.stream().anyMatch(place -> place.matches(path));
        generator.writeString(isLink ? move.apply(text) : text);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> generator.writeNumber(parser.getString());
      case VALUE_TRUE -> generator.writeBoolean(true);
      case VALUE_FALSE -> generator.writeBoolean(false);
      case VALUE_NULL -> generator.writeNull();
      case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw malformed();
    }
  }

  private static MalformedRequestException malformed() {
    return new MalformedRequestException(
        Kind.BODY, "the upstream answer is not valid JSON or ends in the middle");
  }
}
