// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.connector.VendorError;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkdayConnectorTests {
  private static final Credential BEARER = new Credential.BearerToken(Secret.of("stored"));
  private static final Credential USER =
      new Credential.BasicPair("isu", Secret.of("st<o>red & \"x\""));

  private static final String WSSE =
      "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
  private static final String MESSAGE =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:b="urn:com.workday/bsvc">
        <e:Header>
          <x:Security xmlns:x="%s" e:actor="someone" e:mustUnderstand="1">
            <x:UsernameToken><x:Username>agent</x:Username><x:Password>agent-secret</x:Password></x:UsernameToken>
          </x:Security>
          <b:Workday_Common_Header><b:Include_Reference_Descriptors_In_Response>1</b:Include_Reference_Descriptors_In_Response></b:Workday_Common_Header>
        </e:Header>
        <e:Body><b:Get_Workers_Request b:version="v42.0"><b:Note a="1&#10;2">x &lt; y<!-- gone --> &amp; z</b:Note></b:Get_Workers_Request></e:Body>
      </e:Envelope>"""
          .formatted(WSSE);

  private final Connector connector = TestTenant.connector();

  @Nested
  class Adapter {
    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "../x", "é"})
    void connectWhenTenantIsNoneThenThrows(String tenant) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestTenant.connector(Map.of("tenant", tenant)))
          .withMessageContaining("tenant");
    }

    @Test
    void connectWhenTenantIsAbsentThenThrows() {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestTenant.connector(Map.of()))
          .withMessageContaining("tenant");
    }
  }

  @Nested
  class Bodies {
    @ParameterizedTest
    @CsvSource({
      "GET, /ccx/api/v1/acme/workers, , application/json, NONE",
      "POST, /ccx/api/expense/v1/acme/reports, , application/json, READ",
      "GET, /ccx/api/wql/v1/acme/data, query=SELECT+a+FROM+b, application/json, NONE",
      "POST, /ccx/api/wql/v1/acme/data, , application/json, READ",
      "GET, /ccx/service/customreport2/acme/o/r, , application/json, NONE",
      "POST, /ccx/service/acme/Staffing/v42.0, , text/xml, READ"
    })
    void bodyUseWhenTheBodySaysWhatIsDoneThenItIsRead(
        String method, String path, @Nullable String query, String type, BodyUse use) {
      Headers headers = Headers.none().with("Content-Type", type);

      assertThat(connector.classify(TestTenant.request(method, path, query, headers, "")).bodyUse())
          .isEqualTo(use);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1_100_000})
    void operationsWhenMessageIsTooDeepOrTooLargeThenTooLarge(int size) {
      String body =
          MESSAGE.replace("x &lt; y", "<b:a>".repeat(size / 5) + "</b:a>".repeat(size / 5));
      if (size == 100) {
        body = MESSAGE.replace("x &lt; y", "<b:a>".repeat(size) + "</b:a>".repeat(size));
      }
      ConnectorRequest request = TestTenant.soap(body);

      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> connector.call(request).operations())
          .satisfies(denial -> assertThat(denial.kind()).isEqualTo(Kind.TOO_LARGE));
    }
  }

  @Nested
  class SoapOutbound {
    @Test
    void outboundWhenUserThenReplacesTheWholeSecurityBlock() {
      OutboundRequest sent = connector.call(TestTenant.soap(MESSAGE)).outbound(USER);

      assertThat(text(sent))
          .doesNotContain("agent", "someone", "gone")
          .contains(
              "<wsse:Username>isu@acme</wsse:Username>",
              "#PasswordText\">st&lt;o&gt;red &amp; \"x\"</wsse:Password>",
              "env:mustUnderstand=\"1\"",
              "<b:Include_Reference_Descriptors_In_Response>1<",
              "<b:Note a=\"1&#10;2\">x &lt; y &amp; z</b:Note>")
          .containsOnlyOnce("Security ");
      assertThat(sent.headers().has("authorization")).isFalse();
      assertThat(sent.credentialHeaders()).isEmpty();
      assertThat(sent.toString()).doesNotContain("red &");
    }

    @Test
    void outboundWhenUserNamesATenantThenItStays() {
      Credential user = new Credential.BasicPair("isu@acme", Secret.of("stored"));

      assertThat(text(connector.call(TestTenant.soap(MESSAGE)).outbound(user)))
          .contains("<wsse:Username>isu@acme</wsse:Username>");
    }

    @Test
    void outboundWhenTokenThenRemovesTheSecurityBlock() {
      OutboundRequest sent = connector.call(TestTenant.soap(MESSAGE)).outbound(BEARER);

      assertThat(text(sent)).doesNotContain("Security", "agent");
      assertThat(sent.headers().all("authorization")).containsExactly("Bearer stored");
    }

    @Test
    void outboundWhenThereIsNoHeaderThenAddsOneInTheRightPlace() {
      String body =
          "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body>"
              + "<Get_Workers_Request xmlns=\"urn:com.workday/bsvc\"/></Body></Envelope>";

      assertThat(text(connector.call(TestTenant.soap(body)).outbound(USER)))
          .startsWith(
              "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Header><wsse:Security")
          .endsWith(
              "</wsse:Security></Header><Body><Get_Workers_Request"
                  + " xmlns=\"urn:com.workday/bsvc\"/></Body></Envelope>");
      assertThat(text(connector.call(TestTenant.soap(body)).outbound(BEARER))).isEqualTo(body);
    }

    @Test
    void outboundWhenHeadersDescribeTheMessageThenTheyAreOurs() {
      Headers headers = TestTenant.XML.with("SOAPAction", "Get_Workers").with("Accept", "a/b");
      ConnectorRequest request =
          TestTenant.request("POST", TestTenant.SOAP_PATH, null, headers, MESSAGE);

      OutboundRequest sent = connector.call(request).outbound(BEARER);

      assertThat(sent.headers().all("soapaction")).containsExactly("\"\"");
      assertThat(sent.headers().all("accept")).containsExactly("text/xml");
      assertThat(sent.headers().all("content-type")).containsExactly("text/xml; charset=utf-8");
    }

    @Test
    void outboundWhenPasswordCannotStandInXmlThenThrows() {
      Credential user = new Credential.BasicPair("isu", Secret.of("a\u0001b"));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> connector.call(TestTenant.soap(MESSAGE)).outbound(user))
          .withMessageNotContaining("a\u0001b");
    }

    private static String text(OutboundRequest sent) {
      return new String(sent.body().orElseThrow(), StandardCharsets.UTF_8);
    }
  }

  @Nested
  class Outbound {
    @Test
    void outboundWhenRestThenPlainJsonIsAskedFor() {
      Headers headers =
          Headers.none().with("Accept", "application/xml").with("Accept-Encoding", "gzip");

      OutboundRequest sent =
          connector
              .call(TestTenant.request("GET", "/ccx/api/v1/acme/workers", null, headers, ""))
              .outbound(BEARER);

      assertThat(sent.headers().all("accept")).containsExactly("application/json");
      assertThat(sent.headers().all("accept-encoding")).containsExactly("identity");
      assertThat(sent.body()).isEmpty();
    }

    @Test
    void outboundWhenReportThenTheAgentChoosesItsForm() {
      ConnectorRequest request =
          TestTenant.request(
              "GET",
              "/ccx/service/customreport2/acme/jdoe/Headcount",
              "format=csv",
              Headers.none().with("Accept", "text/csv"),
              "");

      OutboundRequest sent = connector.call(request).outbound(USER);

      assertThat(sent.headers().all("accept")).containsExactly("text/csv");
      assertThat(sent.headers().first("authorization").orElseThrow()).startsWith("Basic ");
    }

    @Test
    void outboundWhenCredentialIsAnApiKeyThenThrows() {
      Credential key = new Credential.ApiKey("x-key", Secret.of("stored"));

      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> connector.call(TestTenant.get("/ccx/api/v1/acme/workers")).outbound(key));
    }
  }

  @Nested
  class Answered {
    private final ConnectorRequest read = TestTenant.get("/ccx/api/v1/acme/workers");
    private final ConnectorRequest report =
        TestTenant.get("/ccx/service/customreport2/acme/jdoe/Headcount");
    private final ConnectorRequest soap = TestTenant.soap(MESSAGE);

    @Test
    void inboundWhen401ThenTheCredentialHasExpired() {
      for (ConnectorRequest request : new ConnectorRequest[] {read, report, soap}) {
        assertThat(connector.call(request).inbound(401, TestTenant.JSON))
            .isInstanceOf(Inbound.CredentialExpired.class);
      }
    }

    @ParameterizedTest
    @CsvSource({
      "SOAP-ENV:Client.authenticationError, something",
      "wsse:FailedAuthentication, something",
      "SOAP-ENV:Client, Invalid username or password"
    })
    void inspectWhenFaultNamesTheCredentialThenItHasExpired(String code, String words) {
      Inbound first = connector.call(soap).inbound(500, TestTenant.XML);
      Inbound second = connector.call(soap).inspect(500, TestTenant.XML, fault(code, words));

      assertThat(first).isInstanceOf(Inbound.Inspect.class);
      assertThat(second).isInstanceOf(Inbound.CredentialExpired.class);
    }

    @ParameterizedTest
    @CsvSource({
      "SOAP-ENV:Client.validationError, Invalid ID",
      "SOAP-ENV:Server, The name Client.authenticationError is taken"
    })
    void inspectWhenFaultNamesSomethingElseThenItIsRelayed(String code, String words) {
      assertThat(connector.call(soap).inspect(500, TestTenant.XML, fault(code, words)))
          .isInstanceOf(Inbound.Relay.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "not XML", "<!DOCTYPE x><x/>"})
    void inspectWhenFaultCannotBeReadThenItIsRelayed(String body) {
      assertThat(
              connector
                  .call(soap)
                  .inspect(500, TestTenant.XML, body.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(Inbound.Relay.class);
    }

    @Test
    void inboundWhenRestFailsWith500ThenItIsRelayed() {
      assertThat(connector.call(read).inbound(500, TestTenant.JSON))
          .isInstanceOf(Inbound.Relay.class);
    }

    @Test
    void inboundWhenJsonThenEveryHrefLeadsToTheGateway() {
      String upstream = "https://wd2-impl.workday.example";
      String body =
          """
          {"total":1,"data":[{"href":"UP/ccx/api/v1/acme/workers/1","note":"see UP/x",\
          "manager":{"href":"UP/ccx/api/v1/acme/workers/2","descriptor":"UP"}},\
          {"href":"UP.evil.example/ccx"}]}"""
              .replace("UP", upstream);
      Headers headers = TestTenant.JSON.with("Content-Length", "9").with("Set-Cookie", "a=b");

      Inbound.Relay relay = (Inbound.Relay) connector.call(read).inbound(200, headers);

      assertThat(relay.headers().has("content-length")).isFalse();
      assertThat(relay.headers().has("set-cookie")).isFalse();
      assertThat(rewritten(relay, body))
          .isEqualTo(
              body.replace(
                  "\"href\":\"" + upstream + "/",
                  "\"href\":\"https://gateway.acme.example/workday/"));
    }

    @Test
    void inboundWhenReportIsNoJsonThenItStreamsThroughUntouched() {
      Headers headers = Headers.none().with("Content-Type", "text/csv").with("Content-Length", "9");

      Inbound.Relay relay = (Inbound.Relay) connector.call(report).inbound(200, headers);

      assertThat(relay.rewriter()).isEmpty();
      assertThat(relay.headers().first("content-length")).contains("9");
    }

    @Test
    void inboundWhenPageForPeopleThenUnusable() {
      for (ConnectorRequest request : new ConnectorRequest[] {read, report, soap}) {
        assertThat(
                connector
                    .call(request)
                    .inbound(200, Headers.none().with("Content-Type", "text/html; charset=x")))
            .isInstanceOf(Inbound.Unusable.class);
      }
    }

    @Test
    void inboundWhenAnotherFormThanAskedForThenUnusable() {
      assertThat(connector.call(read).inbound(200, TestTenant.XML))
          .isInstanceOf(Inbound.Unusable.class);
      assertThat(connector.call(soap).inbound(200, TestTenant.JSON))
          .isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenJsonIsCompressedThenUnusable() {
      assertThat(
              connector.call(read).inbound(200, TestTenant.JSON.with("Content-Encoding", "gzip")))
          .isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenLimitIsReachedThenTheAgentLearnsWhenToRetry() {
      Inbound.Relay relay =
          (Inbound.Relay)
              connector.call(read).inbound(429, TestTenant.JSON.with("Retry-After", "30"));

      assertThat(relay.headers().first("retry-after")).contains("30");
      assertThat(relay.rewriter()).isEmpty();
    }

    @Test
    void errorWhenCalledThenHasTheVendorsShape() {
      VendorError error = connector.error(403, "SCOPE_NOT_GRANTED", "say \"please\"");

      assertThat(error.contentType()).startsWith("application/json");
      assertThat(new String(error.body(), StandardCharsets.UTF_8))
          .isEqualTo(
              "{\"error\":\"say \\\"please\\\"\",\"errors\":[{\"error\":\"say \\\"please\\\"\","
                  + "\"code\":\"SCOPE_NOT_GRANTED\"}]}");
    }

    private static byte[] fault(String code, String words) {
      return """
      <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>
        <SOAP-ENV:Fault><faultcode>%s</faultcode><faultstring>%s</faultstring></SOAP-ENV:Fault>
      </SOAP-ENV:Body></SOAP-ENV:Envelope>"""
          .formatted(code, words)
          .getBytes(StandardCharsets.UTF_8);
    }

    private static String rewritten(Inbound.Relay relay, String body) {
      BodyRewriter rewriter = relay.rewriter().orElseThrow().get();
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      byte[] head = rewriter.feed(bytes, 0, bytes.length);
      byte[] tail = rewriter.finish();
      return new String(head, StandardCharsets.UTF_8) + new String(tail, StandardCharsets.UTF_8);
    }
  }
}
