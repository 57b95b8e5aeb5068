// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.util.List;
import java.util.Locale;

/**
 * The media type of a message, read from its one {@code Content-Type} line (RFC 9110 §8.3).
 *
 * @param essence type and subtype in lower case, such as {@code application/json}; empty when the
 *     message names none
 * @param charset the charset parameter in lower case; empty when there is none
 */
public record MediaType(String essence, String charset) {

  /**
   * The media type that the headers name.
   *
   * @throws MalformedRequestException of kind {@link Kind#MEDIA_TYPE} when the line is repeated or
   *     its charset is
   */
  public static MediaType of(Headers headers) {
    List<String> lines = headers.all("content-type");
    if (lines.isEmpty()) {
      return new MediaType("", "");
    }
    if (lines.size() > 1 || lines.getFirst().indexOf(',') >= 0) {
      throw new MalformedRequestException(
          Kind.MEDIA_TYPE, "Content-Type is repeated: send it once (RFC 9110 §5.3)");
    }
    String[] parts = lines.getFirst().toLowerCase(Locale.ROOT).split(";", -1);
    String charset = "";
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("charset")) {
        if (!charset.isEmpty()) {
          throw new MalformedRequestException(
              Kind.MEDIA_TYPE, "Content-Type names its charset twice: name it once");
        }
        charset = parameter.substring(parameter.indexOf('=') + 1).replace("\"", "").strip();
      }
    }
    return new MediaType(parts[0].strip(), charset);
  }

  /** Whether this is the given type, whatever its parameters. */
  public boolean is(String typeAndSubtype) {
    return essence.equals(typeAndSubtype);
  }

  /** Whether this is JSON, {@code application/problem+json} and its like included. */
  public boolean isJson() {
    return is("application/json") || essence.endsWith("+json");
  }

  void requireUtf8() {
    if (!charset.isEmpty() && !charset.equals("utf-8")) {
      throw new MalformedRequestException(
          Kind.MEDIA_TYPE, "only UTF-8 can be checked: send the body in UTF-8");
    }
  }

  /** For a sentence: the type, or that there is none. */
  @Override
  public String toString() {
    return essence.matches("[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,60}")
        ? essence
        : essence.isEmpty() ? "no Content-Type" : "another Content-Type";
  }
}
