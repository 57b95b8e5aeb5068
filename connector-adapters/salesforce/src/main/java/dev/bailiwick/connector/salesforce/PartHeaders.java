// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The headers that change what a request means, on the request and on its parts. */
final class PartHeaders {
  /** Conditions, and what only shapes the answer. Whatever authenticates is not among them. */
  private static final Set<String> KNOWN =
      Set.of(
          "if-match",
          "if-none-match",
          "if-modified-since",
          "if-unmodified-since",
          "sforce-auto-assign",
          "sforce-call-options",
          "sforce-duplicate-rule-header",
          "sforce-mru",
          "sforce-query-options",
          "x-prettyprint");

  private static final String CALL_OPTIONS = "sforce-call-options";

  private PartHeaders() {}

  /** Denies a part of a composite request with a header that is not known to be harmless. */
  static void require(JsonValue headers) {
    for (Map.Entry<String, JsonValue> header :
        Members.object(headers, "httpHeaders").members().entrySet()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!KNOWN.contains(name)) {
        throw MalformedRequestException.forbidden(
            "httpHeaders holds "
                + (name.matches("[a-z0-9-]{1,40}") ? name : "a header")
                + ", which a part may not set");
      }
      if (!(header.getValue() instanceof JsonString value)) {
        throw MalformedRequestException.body("a header in httpHeaders is not a string");
      }
      if (name.equals(CALL_OPTIONS)) {
        requireNoNamespace(value.value());
      }
    }
  }

  /** Denies a request whose headers would make other objects of the names in it. */
  static void require(Headers headers) {
    headers.all(CALL_OPTIONS).forEach(PartHeaders::requireNoNamespace);
  }

  private static void requireNoNamespace(String callOptions) {
    if (!callOptions.strip().matches("client=[^,;=]*")) {
      throw MalformedRequestException.forbidden(
          "Sforce-Call-Options may only name the client: a default namespace would make other"
              + " objects of the names in the request");
    }
  }
}
