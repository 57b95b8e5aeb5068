// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A request that cannot be read with certainty, and is therefore denied. It is an expected outcome
 * of parsing, so it carries no stack trace; gateway-core turns it into a denial in one place.
 */
public final class MalformedRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why a request could not be read: each kind is one denial code. */
  public enum Kind {
    /** The path or query is not in canonical form: dot segments, encoded separators, … */
    TARGET,
    /** The body is not what the operation expects: syntax, duplicate keys, encoding. */
    BODY,
    /** The body or a part of it is larger than can be checked. */
    TOO_LARGE,
    /** The body's media type or content encoding is not one that can be checked. */
    MEDIA_TYPE,
    /** Well formed, but nothing that the connector knows: endpoint, parameter or grammar. */
    UNKNOWN_OPERATION,
    /** Understood, and never allowed by whatever policy: code in a query, override headers. */
    FORBIDDEN
  }

  private static final Pattern PLAIN = Pattern.compile("[\\w.-]{1,80}");

  private final Kind kind;

  /**
   * @param kind which denial this becomes
   * @param sentence what was found and what was expected; shown to the caller, so it must hold no
   *     secret
   */
  public MalformedRequestException(Kind kind, String sentence) {
    super(sentence, null, false, false);
    this.kind = Objects.requireNonNull(kind, "kind");
  }

  /** Nothing that the connector knows. */
  public static MalformedRequestException unknown(String sentence) {
    return new MalformedRequestException(Kind.UNKNOWN_OPERATION, sentence);
  }

  /** Known, and never allowed by whatever policy. */
  public static MalformedRequestException forbidden(String sentence) {
    return new MalformedRequestException(Kind.FORBIDDEN, sentence);
  }

  /** A body, or something inside one, that the operation does not take. */
  public static MalformedRequestException body(String sentence) {
    return new MalformedRequestException(Kind.BODY, sentence);
  }

  /** More than can be checked. */
  public static MalformedRequestException tooLarge(String sentence) {
    return new MalformedRequestException(Kind.TOO_LARGE, sentence);
  }

  /** A body in a form that the operation does not take. */
  public static MalformedRequestException mediaType(String sentence) {
    return new MalformedRequestException(Kind.MEDIA_TYPE, sentence);
  }

  /** The same denial, saying which part of a compound request it is about. */
  public MalformedRequestException at(String where) {
    return new MalformedRequestException(kind, where + ": " + sentence());
  }

  /** The agent's own word for a sentence, when it is harmless enough to be repeated. */
  public static String shown(String word) {
    return PLAIN.matcher(word).matches() ? word : "(not shown)";
  }

  public Kind kind() {
    return kind;
  }

  /** The sentence for the caller. */
  public String sentence() {
    return String.valueOf(getMessage());
  }
}
