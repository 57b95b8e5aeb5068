// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import dev.bailiwick.connector.Headers;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as a simulated vendor handles it: one that arrived by itself, or a part of a compound
 * one.
 *
 * @param origin scheme, host and port that the caller used
 * @param method upper-case HTTP method
 * @param target path and query, percent-encoded
 * @param headers header lines, lower-case names
 * @param body the body's bytes; empty when there is none
 */
public record SimulatedCall(
    URI origin, String method, String target, Headers headers, byte[] body) {

  /** The path, still percent-encoded. */
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** The path's segments, decoded; a slash at the end adds none. */
  public List<String> segments() {
    List<String> segments = new ArrayList<>();
    for (String segment : path().split("/", -1)) {
      if (!segment.isEmpty()) {
        segments.add(URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
      }
    }
    return segments;
  }

  /** Every parameter of the query, decoded as a form. */
  public Map<String, List<String>> parameters() {
    int query = target.indexOf('?');
    return query < 0 ? Map.of() : form(target.substring(query + 1));
  }

  /** The first value of a query parameter. */
  public Optional<String> parameter(String name) {
    return parameters().getOrDefault(name, List.of()).stream().findFirst();
  }

  /** A query parameter that is a number, or another value when it is none. */
  public int number(String name, int otherwise) {
    return parameter(name)
        .filter(text -> text.matches("[0-9]{1,9}"))
        .map(Integer::parseInt)
        .orElse(otherwise);
  }

  /** The body as UTF-8 text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The body as a form: the first value of every field. */
  public Map<String, String> formFields() {
    Map<String, String> fields = new LinkedHashMap<>();
    form(text()).forEach((name, values) -> fields.put(name, values.getFirst()));
    return fields;
  }

  /** Whether the body is declared as a media type such as {@code text/csv}. */
  public boolean isOf(String mediaType) {
    return headers.first("content-type").orElse("").toLowerCase(Locale.ROOT).startsWith(mediaType);
  }

  /** The access token of the {@code Authorization} header. */
  public Optional<String> bearer() {
    return authorization("Bearer ");
  }

  /** What follows a scheme in the {@code Authorization} header. */
  public Optional<String> authorization(String scheme) {
    return headers
        .first("authorization")
        .filter(value -> value.regionMatches(true, 0, scheme, 0, scheme.length()))
        .map(value -> value.substring(scheme.length()).strip());
  }

  /** A cookie. */
  public Optional<String> cookie(String name) {
    return headers.all("cookie").stream()
        .flatMap(line -> List.of(line.split(";", -1)).stream())
        .map(String::strip)
        .filter(pair -> pair.startsWith(name + "="))
        .map(pair -> pair.substring(name.length() + 1))
        .findFirst();
  }

  private static Map<String, List<String>> form(String text) {
    Map<String, List<String>> form = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      if (!name.isEmpty()) {
        form.computeIfAbsent(decode(name), n -> new ArrayList<>())
            .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
      }
    }
    return form;
  }

  /** As lenient as a vendor: what is no encoding stands for itself. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** Method and path only: everything else may hold a credential. */
  @Override
  public String toString() {
    return method + " " + path();
  }
}
