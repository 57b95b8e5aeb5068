// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.contract.connector.RequestCase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever arrives: operations, or a denial with a sentence; never another exception. */
class SalesforceFuzzTests {
  private static final List<String> PIECES =
      List.of(
          "SELECT",
          "FROM",
          "WHERE",
          "IN",
          "(",
          ")",
          "((",
          "))",
          ",",
          ".",
          "'",
          "''",
          "\\",
          "\\'",
          "/*",
          "*/",
          "//",
          ":",
          "@{",
          "}",
          "[",
          "]",
          "{",
          "\"",
          "\n",
          "\u0000",
          "\uD800",
          "é",
          "А",
          " ",
          "+",
          "%2B",
          "%",
          "&",
          "=",
          "?",
          "/",
          "..",
          "AND",
          "OR",
          "NOT",
          "TYPEOF",
          "WHEN",
          "THEN",
          "ELSE",
          "END",
          "FIELDS(ALL)",
          "FORMULA('x')",
          "FOR UPDATE",
          "ALL ROWS",
          "LIMIT",
          "1",
          "-",
          "null",
          "true",
          "Account",
          "a.b.c",
          "...F",
          "fragment F on X {",
          "$x",
          "#",
          "@defer",
          "\"records\":[",
          "\"attributes\":{\"type\":\"User\"}",
          "999999999999999999999");

  private static final List<String> QUERY_WORDS =
      List.of(
          "SELECT",
          "Id",
          "Name",
          "FROM",
          "Account",
          "a",
          "WHERE",
          "=",
          "'x'",
          "AND",
          "OR",
          "NOT",
          "(",
          ")",
          ",",
          ".",
          "IN",
          "LIKE",
          "ORDER BY",
          "GROUP BY",
          "HAVING",
          "LIMIT",
          "5",
          "COUNT()",
          "MAX(",
          "TYPEOF",
          "WHEN",
          "THEN",
          "END",
          "FIELDS(",
          "ALL",
          "FOR",
          "VIEW",
          "USING SCOPE",
          "WITH",
          "DATA CATEGORY",
          "ABOVE",
          "TODAY",
          "DISTANCE(",
          "GEOLOCATION(");

  private final Connector connector = TestConnectors.mounted();
  private final Random random = new Random(20261123);

  @Test
  @Timeout(120)
  void operationsWhenRequestsAreDamagedThenAnswersOrDenies() {
    List<RequestCase> corpus = SalesforceCorpusTests.corpus().toList();
    int understood = 0;

    for (int i = 0; i < 30_000; i++) {
      RequestCase request = corpus.get(random.nextInt(corpus.size()));
      String target = random.nextBoolean() ? damaged(request.target()) : request.target();
      String body = random.nextBoolean() ? damaged(request.body()) : request.body();
      if (ask(request.method(), target, request.headers(), body)) {
        understood++;
      }
    }

    assertThat(understood).isGreaterThan(1_000);
  }

  @Test
  @Timeout(120)
  void operationsWhenQueriesAreRandomThenAnswersOrDenies() {
    int understood = 0;

    for (int i = 0; i < 20_000; i++) {
      StringBuilder query =
          new StringBuilder(random.nextBoolean() ? "SELECT Id FROM Account " : "");
      int words = random.nextInt(25);
      for (int w = 0; w < words; w++) {
        query.append(QUERY_WORDS.get(random.nextInt(QUERY_WORDS.size()))).append(' ');
      }
      String body = "{\"operation\":\"query\",\"query\":\"" + query + "\"}";
      if (ask("POST", "/services/data/v66.0/jobs/query", JSON, body)) {
        understood++;
      }
    }

    assertThat(understood).isPositive();
  }

  private static final Headers JSON = Headers.none().with("Content-Type", "application/json");

  /** Whether the request was understood. */
  private boolean ask(String method, String target, Headers headers, String body) {
    try {
      int query = target.indexOf('?');
      RequestTarget parsed =
          query < 0
              ? RequestTarget.parse(target, null)
              : RequestTarget.parse(target.substring(0, query), target.substring(query + 1));
      ConnectorRequest head = ConnectorRequest.head(method, parsed, headers);
      var unused = connector.classify(head).bodyUse();
      VendorCall call = connector.call(head.withBody(body.getBytes(StandardCharsets.UTF_8)));
      assertThat(call.operations().isEmpty() && call.uses().isEmpty()).isFalse();
      return true;
    } catch (MalformedRequestException denied) {
      assertThat(denied.sentence()).isNotBlank();
      return false;
    }
  }

  private String damaged(String text) {
    StringBuilder out = new StringBuilder(text);
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      int at = random.nextInt(out.length() + 1);
      int end = Math.min(out.length(), at + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> out.delete(at, end);
        case 1 -> out.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> out.insert(at, out.substring(at, end));
        default -> out.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
      }
    }
    return out.toString();
  }
}
