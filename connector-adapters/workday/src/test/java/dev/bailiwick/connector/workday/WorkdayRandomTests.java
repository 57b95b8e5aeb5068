// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.Secret;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whatever arrives: an answer, or a denial with a sentence; never another exception. */
class WorkdayRandomTests {
  private static final int ROUNDS = 20_000;
  private static final Credential USER =
      new Credential.BasicPair("isu", Secret.of("stored-secret-9b1d"));

  private static final List<String> WQL =
      List.of(
          "SELECT",
          "DISTINCT",
          "a",
          "manager",
          "{",
          "}",
          "FROM",
          "allWorkers",
          "WHERE",
          "ON",
          "(",
          ")",
          ",",
          "=",
          "!=",
          "'x'",
          "''",
          "'",
          "1",
          "-1",
          "1.5",
          "IS",
          "NOT",
          "EMPTY",
          "AND",
          "OR",
          "IN",
          "BETWEEN",
          "GROUP",
          "ORDER",
          "BY",
          "HAVING",
          "LIMIT",
          "AS",
          "COUNT",
          "PARAMETERS",
          "dataSourceFilter",
          ";",
          "--",
          "/*",
          "\"",
          "*",
          ".",
          "\\",
          "é",
          "\u0000");

  private static final List<String> XML =
      List.of(
          "<s:Header>",
          "</s:Header>",
          "<s:Body>",
          "</s:Body>",
          "<b:Get_Workers_Request>",
          "</b:Get_Workers_Request>",
          "<b:Put_X_Request b:version=\"v42.0\"/>",
          "<w:Security/>",
          "<!-- x -->",
          "<![CDATA[<x>]]>",
          "<?p?>",
          "&amp;",
          "&x;",
          "&#0;",
          "&#13;",
          "text",
          " ",
          "<b:Workday_Common_Header/>",
          "<a xmlns=\"\"/>",
          "<a xmlns=\"urn:x\" b=\"&lt;\"/>",
          "<",
          "]]>",
          "\uD83D\uDE00",
          "<!DOCTYPE x>");

  private final Connector connector = TestTenant.connector();
  private final Random random = new Random(20261123);

  @Test
  void parseWhenQueryIsRandomThenAnswersOrDenies() {
    AtomicInteger understood = new AtomicInteger();
    for (int i = 0; i < ROUNDS; i++) {
      String start = random.nextBoolean() ? "SELECT a FROM allWorkers " : "";
      String query = start + pieces(WQL, " ", 12);

      attempt(
          () -> WqlQuery.parse(query),
          parsed -> {
            understood.incrementAndGet();
            assertThat(parsed.dataSource()).matches("\\w+");
            assertThat(parsed.shown()).allMatch(field -> field.matches("[\\w.]+"));
          });
    }

    assertThat(understood).hasPositiveValue();
  }

  @Test
  void operationsWhenMessageIsRandomThenWhatIsSentMeansTheSame() {
    AtomicInteger understood = new AtomicInteger();
    for (int i = 0; i < ROUNDS; i++) {
      String body =
          "<s:Envelope xmlns:s=\""
              + SoapEnvelope.SOAP
              + "\" xmlns:b=\"urn:com.workday/bsvc\" xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">"
              + (random.nextInt(3) > 0 ? "<s:Body><b:Put_X_Request>" : "")
              + pieces(XML, "", 5)
              + (random.nextInt(3) > 0 ? "</b:Put_X_Request></s:Body>" : "")
              + "</s:Envelope>";
      ConnectorRequest request = TestTenant.soap(body);

      attempt(
          () -> connector.call(request).operations(),
          operations -> {
            understood.incrementAndGet();
            assertThat(operationsOfWhatIsSent(request)).as(body).isEqualTo(operations);
          });
    }

    assertThat(understood).hasPositiveValue();
  }

  private List<Operation> operationsOfWhatIsSent(ConnectorRequest request) {
    OutboundRequest sent = connector.call(request).outbound(USER);
    byte[] body = sent.body().orElseThrow();
    return connector.call(request.withBody(body)).operations();
  }

  @Test
  void operationsWhenBytesAreRandomThenAnswersOrDenies() {
    for (int i = 0; i < ROUNDS; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      ConnectorRequest soap = TestTenant.soap("").withBody(bytes);
      ConnectorRequest wql =
          TestTenant.request("POST", "/ccx/api/wql/v1/acme/data", null, TestTenant.JSON, "")
              .withBody(bytes);

      attempt(() -> connector.call(soap).operations(), operations -> {});
      attempt(() -> connector.call(wql).operations(), operations -> {});
      assertThat(SoapFault.saysBadCredential(bytes)).isFalse();
    }
  }

  @Test
  void operationsWhenJsonIsRandomThenAnswersOrDenies() {
    List<String> json =
        List.of("{", "}", "[", "]", ":", ",", "\"a\"", "\"b.c\"", "1", "null", "\"id\"", "\"\"");
    for (int i = 0; i < ROUNDS; i++) {
      String body = "{\"a\":" + pieces(json, "", 8) + "}";
      ConnectorRequest request =
          TestTenant.request(
              "PATCH",
              "/ccx/api/payroll/v2/acme/payrollInputs/" + TestTenant.ID,
              null,
              Headers.none().with("Content-Type", "application/json"),
              body);

      attempt(() -> connector.call(request).operations(), operations -> {});
    }
  }

  private String pieces(List<String> pieces, String between, int most) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(most);
    for (int i = 0; i < length; i++) {
      text.append(pieces.get(random.nextInt(pieces.size()))).append(between);
    }
    return text.toString();
  }

  private static <T> void attempt(Supplier<T> parse, Consumer<T> understood) {
    T result;
    try {
      result = parse.get();
    } catch (MalformedRequestException denial) {
      assertThat(denial.sentence()).isNotBlank();
      assertThat(denial.sentence().getBytes(StandardCharsets.US_ASCII)).doesNotContain(0);
      return;
    }
    understood.accept(result);
  }
}
