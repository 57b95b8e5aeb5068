// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A path and query in the one form that policy sees and that is sent upstream (RFC 3986 §6).
 * Immutable.
 *
 * <p>Parsing decodes every segment and parameter exactly once and denies whatever two readers could
 * understand in two ways: dot segments, empty segments, encoded separators, encoded or raw
 * backslashes, matrix parameters, percent signs that survive decoding, path characters encoded
 * without need, control characters and bytes that are not UTF-8. {@link #path()} and {@link
 * #query()} render the decoded form again, so what was authorized is what is sent, and parsing what
 * was rendered gives an equal target.
 */
public final class RequestTarget {

  /** One query parameter. A parameter without {@code =} has an empty value. */
  public record Parameter(String name, String value) {
    public Parameter {
      if (name.isEmpty()) {
        throw malformed("the query holds a parameter without a name");
      }
      requireText(name, "the query", false);
      requireText(value, "the query", true);
    }

    private boolean breaksLines() {
      return value.chars().anyMatch(RequestTarget::breaksLine);
    }

    /** The name only: a value may be a secret. */
    @Override
    public String toString() {
      return name + "=(" + value.length() + " characters)";
    }
  }

  /** RFC 3986 §2.3. */
  private static final boolean[] UNRESERVED = new boolean[0x80];

  static {
    for (char c = 0; c < UNRESERVED.length; c++) {
      UNRESERVED[c] =
          (c >= '0' && c <= '9')
              || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || "-._~".indexOf(c) >= 0;
    }
  }

  /** What a path may hold beside unreserved characters and escapes (RFC 3986 §3.3). */
  private static final String PATH_MARKS = "!$&'()*+,;=:@";

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private final List<String> segments;
  private final List<Parameter> parameters;
  private final boolean trailingSlash;

  /** Rendered when it is asked for; every thread would render the same. */
  private @Nullable String path;

  /**
   * A target made of parts.
   *
   * @param segments decoded path segments
   * @param parameters decoded query parameters in order, duplicates kept
   * @param trailingSlash whether the path ends in a slash; a path without segments does not
   * @throws MalformedRequestException of kind {@link Kind#TARGET} when a part could not have come
   *     from {@link #parse}
   */
  public RequestTarget(List<String> segments, List<Parameter> parameters, boolean trailingSlash) {
    this(
        List.copyOf(segments),
        List.copyOf(parameters),
        trailingSlash && !segments.isEmpty(),
        RequestTarget::requireSegment);
  }

  private RequestTarget(
      List<String> segments,
      List<Parameter> parameters,
      boolean trailingSlash,
      Consumer<String> check) {
    segments.forEach(check);
    this.segments = segments;
    this.parameters = parameters;
    this.trailingSlash = trailingSlash;
  }

  /**
   * Parses the raw form as it stood on the request line.
   *
   * @throws MalformedRequestException of kind {@link Kind#TARGET} when the form is not canonical
   */
  public static RequestTarget parse(String rawPath, @Nullable String rawQuery) {
    return parseKeepingLineBreaks(rawPath, rawQuery).requireNoLineBreaks(Set.of());
  }

  /**
   * As {@link #parse}, but values of parameters may hold encoded tabs and line breaks; whoever
   * calls this calls {@link #requireNoLineBreaks} before the values are looked at.
   */
  public static RequestTarget parseKeepingLineBreaks(String rawPath, @Nullable String rawQuery) {
    if (!rawPath.startsWith("/")) {
      throw malformed("the path must start with a slash (origin-form, RFC 9112 §3.2.1)");
    }
    boolean trailingSlash = rawPath.length() > 1 && rawPath.endsWith("/");
    String inner = rawPath.substring(1, rawPath.length() - (trailingSlash ? 1 : 0));
    List<String> segments = new ArrayList<>();
    if (!inner.isEmpty() || trailingSlash) {
      int from = 0;
      for (int slash = inner.indexOf('/'); slash >= 0; slash = inner.indexOf('/', from)) {
        segments.add(decode(inner.substring(from, slash), Part.PATH));
        from = slash + 1;
      }
      segments.add(decode(inner.substring(from), Part.PATH));
    }
    return new RequestTarget(segments, parseQuery(rawQuery), trailingSlash);
  }

  /**
   * This target, whose values hold no tab and no line break.
   *
   * @param except names of parameters, compared with case, whose values may
   * @throws MalformedRequestException of kind {@link Kind#TARGET} when another holds one
   */
  public RequestTarget requireNoLineBreaks(Set<String> except) {
    for (Parameter parameter : parameters) {
      if (parameter.breaksLines() && !except.contains(parameter.name)) {
        throw malformed("the query holds an encoded control character");
      }
    }
    return this;
  }

  /** Decoded path segments. */
  public List<String> segments() {
    return segments;
  }

  /** Decoded query parameters in order, duplicates kept. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** Whether the path ends in a slash. */
  public boolean trailingSlash() {
    return trailingSlash;
  }

  private static void requireSegment(String segment) {
    if (segment.isEmpty()) {
      throw malformed("the path holds an empty segment (//)");
    }
    if (segment.endsWith(".")) {
      throw malformed("the path holds a dot segment or a segment that ends in a dot");
    }
    if (isUnreserved(segment)) {
      return;
    }
    for (int i = 0; i < segment.length(); i++) {
      if ("/\\;%?#".indexOf(segment.charAt(i)) >= 0) {
        throw malformed(
            "the path holds an encoded separator, a matrix parameter or a percent sign");
      }
    }
    requireText(segment, "the path", false);
  }

  /** No control characters, and no half of a surrogate pair, which has no UTF-8 form. */
  private static void requireText(String text, String part, boolean mayBreakLines) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && !(mayBreakLines && breaksLine(c))) {
        throw malformed(part + " holds an encoded control character");
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw malformed(part + " is not UTF-8 after decoding");
      }
    }
  }

  private static boolean breaksLine(int c) {
    return c == '\n' || c == '\r' || c == '\t';
  }

  private static List<Parameter> parseQuery(@Nullable String rawQuery) {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return List.of();
    }
    List<Parameter> parameters = new ArrayList<>();
    for (String pair : rawQuery.split("&", -1)) {
      if (pair.isEmpty()) {
        throw malformed("the query holds an empty parameter (&&)");
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals), Part.QUERY);
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1), Part.QUERY);
      parameters.add(new Parameter(name, value));
    }
    return parameters;
  }

  private enum Part {
    PATH("the path"),
    QUERY("the query");

    private final String words;

    Part(String words) {
      this.words = words;
    }

    /** Queries are taken as browsers and curl send them: with raw {@code ^}, {@code |} and such. */
    boolean mayHoldRaw(char c) {
      return switch (this) {
        case PATH -> isUnreserved(c) || PATH_MARKS.indexOf(c) >= 0;
        case QUERY -> c > ' ' && c < 0x7f && c != '\\' && c != '#';
      };
    }
  }

  private static String decode(String raw, Part part) {
    if (isUnreserved(raw)) {
      return raw;
    }
    byte[] bytes = new byte[raw.length()];
    int length = 0;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        int high = i + 2 < raw.length() ? hexDigit(raw.charAt(i + 1)) : -1;
        int low = i + 2 < raw.length() ? hexDigit(raw.charAt(i + 2)) : -1;
        if (high < 0 || low < 0) {
          throw malformed(
              part.words + " holds a percent sign that is not followed by two hex digits");
        }
        char decoded = (char) (high << 4 | low);
        if (part == Part.PATH && isUnreserved(decoded)) {
          throw malformed("the path percent-encodes a character that needs no encoding");
        }
        bytes[length++] = (byte) decoded;
        i += 2;
      } else if (c == '+' && part == Part.QUERY) {
        bytes[length++] = ' ';
      } else if (part.mayHoldRaw(c)) {
        bytes[length++] = (byte) c;
      } else {
        throw malformed(
            part.words + " holds a character that must be percent-encoded (RFC 3986 §2)");
      }
    }
    return utf8(bytes, length, part.words);
  }

  /** ASCII only: {@link Character#digit} would take digits of other scripts too. */
  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static String utf8(byte[] bytes, int length, String part) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed(part + " is not UTF-8 after decoding");
    }
  }

  private static MalformedRequestException malformed(String sentence) {
    return new MalformedRequestException(Kind.TARGET, sentence);
  }

  /** The path, every character outside RFC 3986 unreserved percent-encoded. */
  public String path() {
    String rendered = path;
    if (rendered == null) {
      rendered = renderPath();
      path = rendered;
    }
    return rendered;
  }

  private String renderPath() {
    if (segments.isEmpty()) {
      return "/";
    }
    StringBuilder out = new StringBuilder(128);
    for (String segment : segments) {
      out.append('/').append(encode(segment));
    }
    return trailingSlash ? out.append('/').toString() : out.toString();
  }

  /** The query without its question mark; empty when there are no parameters. */
  public Optional<String> query() {
    if (parameters.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        parameters.stream()
            .map(parameter -> encode(parameter.name) + "=" + encode(parameter.value))
            .collect(Collectors.joining("&")));
  }

  /** Path and query as they are sent. */
  public String pathAndQuery() {
    return parameters.isEmpty() ? path() : path() + "?" + query().orElseThrow();
  }

  private static String encode(String text) {
    if (isUnreserved(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 8);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (isUnreserved(c)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return out.toString();
  }

  private static boolean isUnreserved(char c) {
    return c < UNRESERVED.length && UNRESERVED[c];
  }

  /** Most paths and parameters are the same decoded and encoded. */
  private static boolean isUnreserved(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isUnreserved(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Every value of a parameter, compared with case. */
  public List<String> values(String name) {
    return parameters.stream()
        .filter(parameter -> parameter.name.equals(name))
        .map(Parameter::value)
        .toList();
  }

  /**
   * The value of a parameter that has a meaning, so that it may be given at most once.
   *
   * @throws MalformedRequestException of kind {@link Kind#TARGET} when it is repeated, in whatever
   *     case
   */
  public Optional<String> single(String name) {
    @Nullable String found = null;
    for (Parameter parameter : parameters) {
      if (parameter.name.equalsIgnoreCase(name)) {
        if (found != null || !parameter.name.equals(name)) {
          throw malformed(
              "the query parameter " + name + " is repeated or written in another case");
        }
        found = parameter.value;
      }
    }
    return Optional.ofNullable(found);
  }

  /** This target without the parameters of those names (compared ignoring case). */
  public RequestTarget withoutParameters(List<String> names) {
    List<Parameter> kept =
        parameters.stream()
            .filter(parameter -> names.stream().noneMatch(parameter.name::equalsIgnoreCase))
            .toList();
    return kept.size() == parameters.size()
        ? this
        : new RequestTarget(segments, kept, trailingSlash);
  }

  /** This target with its first {@code count} segments removed: what lies below a mount point. */
  public RequestTarget below(int count) {
    List<String> rest = List.copyOf(segments.subList(count, segments.size()));
    return new RequestTarget(
        rest, parameters, trailingSlash && !rest.isEmpty(), checkedBefore -> {});
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RequestTarget that
        && segments.equals(that.segments)
        && parameters.equals(that.parameters)
        && trailingSlash == that.trailingSlash;
  }

  @Override
  public int hashCode() {
    return Objects.hash(segments, parameters, trailingSlash);
  }

  /** Without values of parameters: one may be a secret. */
  @Override
  public String toString() {
    return path() + (parameters.isEmpty() ? "" : "?" + parameters);
  }
}
