// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.bailiwick.connector.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A request as a simulator received it.
 *
 * @param method upper-case HTTP method
 * @param target path and query exactly as they stood on the request line
 * @param headers every header line, lower-case names
 * @param body the body's bytes; empty when there was none
 */
public record SeenRequest(String method, String target, Headers headers, byte[] body) {
  public SeenRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(body, "body");
  }

  static SeenRequest of(LoggedRequest request) {
    return new SeenRequest(
        request.getMethod().value(), request.getUrl(), headers(request), request.getBody());
  }

  static Headers headers(LoggedRequest request) {
    List<Headers.Field> fields = new ArrayList<>();
    request
        .getHeaders()
        .all()
        .forEach(
            header ->
                header
                    .values()
                    .forEach(value -> fields.add(new Headers.Field(header.key(), value))));
    return Headers.of(fields);
  }

  /** The path, still percent-encoded. */
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** The body as UTF-8 text. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** True when the text stands anywhere in this request: target, a header's value, or the body. */
  public boolean mentions(String text) {
    return target.contains(text)
        || headers.fields().stream().anyMatch(field -> field.value().contains(text))
        || bodyText().contains(text);
  }

  /** Method and path only: everything else may hold a credential. */
  @Override
  public String toString() {
    return method + " " + path();
  }
}
