// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.connector.VendorError;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNowConnectorTests {
  private static final String RECORD = "/api/now/table/incident/c1000000000000000000000000000001";
  private static final Credential BEARER = new Credential.BearerToken(Secret.of("stored"));
  private static final Headers JSON = Headers.none().with("Content-Type", "application/json");
  private final Connector connector = connect(Map.of());

  private static Connector connect(Map<String, String> options) {
    return new ServiceNowAdapter()
        .connect(
            new ConnectorSettings(
                "servicenow",
                URI.create("https://acme.service-now.com"),
                URI.create("https://gateway.acme.example/servicenow"),
                options));
  }

  @Nested
  class Adapter {
    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "x:y", "x\ny"})
    void connectWhenApiKeyHeaderIsNoNameThenThrows(String header) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> connect(Map.of("apiKeyHeader", header)))
          .withMessageContaining("apiKeyHeader");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/api/x",
          "api/x/y",
          "/api/x/*",
          "/api/x/y/",
          "/api/x/../y",
          "/api/now/table",
          "/api/NOW/ui/x",
          "/api/sn_sc/x",
          "/x.do",
          "/api/x/y,",
          "https://x/api/x/y"
        })
    void connectWhenScriptedPathIsNotExactThenThrows(String path) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> connect(Map.of("scriptedRest", path)))
          .withMessageContaining("scriptedRest");
    }

    @Test
    void outboundWhenApiKeyHeaderIsConfiguredThenItIsStripped() {
      Headers headers = Headers.none().with("X-Acme-Key", "agent").with("x-sn-apikey", "agent");

      OutboundRequest sent =
          connect(Map.of("apiKeyHeader", "X-Acme-Key"))
              .call(request("GET", "/api/now/table/incident", null, headers, ""))
              .outbound(BEARER);

      assertThat(sent.headers().has("x-acme-key")).isFalse();
      assertThat(sent.headers().has("x-sn-apikey")).isFalse();
    }
  }

  @Nested
  class Bodies {
    @ParameterizedTest
    @CsvSource({
      "GET, /api/now/table/incident, NONE",
      "POST, /api/now/table/incident, READ",
      "PATCH, " + RECORD + ", READ",
      "PUT, " + RECORD + ", READ",
      "DELETE, " + RECORD + ", NONE"
    })
    void bodyUseWhenMethodWritesThenTheBodyIsRead(String method, String path, BodyUse use) {
      assertThat(connector.classify(request(method, path, null, JSON, "")).bodyUse())
          .isEqualTo(use);
    }

    @Test
    void bodyUseWhenTheHeadIsEnoughToDenyThenDenies() {
      ConnectorRequest batch = request("GET", "/api/now/batch", null, JSON, "");

      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> connector.classify(batch).bodyUse());
    }

    @Test
    void operationsWhenBodyIsLargerThanCanBeCheckedThenTooLarge() {
      String body = "{\"a\":\"" + "x".repeat(1024 * 1024) + "\"}";

      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> connector.call(request("PATCH", RECORD, null, JSON, body)).operations())
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
    }
  }

  @Nested
  class Outbound {
    @Test
    void outboundWhenTableIsInUpperCaseThenSendsWhatWasAuthorized() {
      OutboundRequest sent =
          connector
              .call(request("GET", "/api/now/v2/table/Incident", "sysparm_limit=1", JSON, ""))
              .outbound(BEARER);

      assertThat(sent.target().pathAndQuery())
          .isEqualTo("/api/now/v2/table/incident?sysparm_limit=1");
    }

    @Test
    void outboundWhenWriteNamesNoFieldsThenItsAnswerIsNarrowedToWhatItWrote() {
      OutboundRequest sent =
          connector
              .call(request("PATCH", RECORD, null, JSON, "{\"state\":\"2\",\"work_notes\":\"x\"}"))
              .outbound(BEARER);

      assertThat(sent.target().single("sysparm_fields")).contains("sys_id,state,work_notes");
      assertThat(sent.body()).isEmpty();
    }

    @Test
    void outboundWhenWriteNamesFieldsThenTheyStay() {
      OutboundRequest sent =
          connector
              .call(request("PATCH", RECORD, "sysparm_fields=number", JSON, "{\"state\":\"2\"}"))
              .outbound(BEARER);

      assertThat(sent.target().query()).contains("sysparm_fields=number");
    }

    @Test
    void outboundWhenAgentAsksForXmlOrCompressionThenPlainJsonIsAskedFor() {
      Headers headers =
          Headers.none().with("Accept", "application/xml").with("Accept-Encoding", "gzip");

      OutboundRequest sent =
          connector
              .call(request("GET", "/api/now/table/incident", null, headers, ""))
              .outbound(BEARER);

      assertThat(sent.headers().all("accept")).containsExactly("application/json");
      assertThat(sent.headers().all("accept-encoding")).containsExactly("identity");
    }

    @Test
    void outboundWhenHeadersAreHarmlessThenTheyStay() {
      Headers headers =
          Headers.none().with("User-Agent", "agent/1").with("traceparent", "00-1-2-01");

      OutboundRequest sent =
          connector
              .call(request("GET", "/api/now/table/incident", null, headers, ""))
              .outbound(BEARER);

      assertThat(sent.headers().first("user-agent")).contains("agent/1");
      assertThat(sent.headers().first("traceparent")).contains("00-1-2-01");
    }
  }

  @Nested
  class Answered {
    private final ConnectorRequest read =
        request("GET", "/api/now/table/incident", null, Headers.none(), "");

    @Test
    void inboundWhen401ThenTheCredentialHasExpired() {
      assertThat(connector.call(read).inbound(401, JSON))
          .isInstanceOf(Inbound.CredentialExpired.class);
    }

    @Test
    void inboundWhenJsonThenLinksInHeadersAndBodyLeadToTheGateway() {
      String upstream = "https://acme.service-now.com";
      Headers headers =
          JSON.with("Link", "<" + upstream + "/api/now/table/incident?a=b>;rel=\"next\"")
              .with("X-Total-Count", "5")
              .with("Content-Length", "10")
              .with("ETag", "x");
      String body =
          """
          {"result":[{"caller_id":{"link":"UP/api/now/table/sys_user/1","value":"1"},\
          "description":"see UP/nav","u_site":"UP/x"}]}"""
              .replace("UP", upstream);

      Inbound.Relay relay = (Inbound.Relay) connector.call(read).inbound(200, headers);

      String gateway = "https://gateway.acme.example/servicenow";
      assertThat(relay.headers().first("link"))
          .contains("<" + gateway + "/api/now/table/incident?a=b>;rel=\"next\"");
      assertThat(relay.headers().first("x-total-count")).contains("5");
      assertThat(relay.headers().has("content-length")).isFalse();
      assertThat(relay.headers().has("etag")).isFalse();
      assertThat(rewritten(relay, body))
          .isEqualTo(body.replace("\"link\":\"" + upstream, "\"link\":\"" + gateway));
    }

    @Test
    void inboundWhenOneRecordThenItsReferencesLeadToTheGateway() {
      Inbound.Relay relay = (Inbound.Relay) connector.call(read).inbound(200, JSON);

      assertThat(
              rewritten(
                  relay,
                  "{\"result\":{\"opened_by\":{\"link\":\"https://acme.service-now.com/a\"}}}"))
          .isEqualTo(
              "{\"result\":{\"opened_by\":{\"link\":\"https://gateway.acme.example/servicenow/a\"}}}");
    }

    @ParameterizedTest
    @CsvSource({
      "POST, /api/now/import/u_staging, record_link",
      "GET, /api/now/attachment/c1000000000000000000000000000001, download_link"
    })
    void inboundWhenFamilyHasLinksOfItsOwnThenTheyLeadToTheGateway(
        String method, String path, String member) {
      String sent = method.equals("POST") ? "{\"u_name\":\"x\"}" : "";
      ConnectorRequest request = request(method, path, null, JSON, sent);

      Inbound.Relay relay = (Inbound.Relay) connector.call(request).inbound(200, JSON);

      String body = "{\"result\":{\"" + member + "\":\"https://acme.service-now.com/a\"}}";
      assertThat(rewritten(relay, body))
          .isEqualTo(body.replace("acme.service-now.com", "gateway.acme.example/servicenow"));
    }

    @Test
    void inboundWhenErrorThenItStreamsThroughUntouched() {
      Inbound.Relay relay =
          (Inbound.Relay)
              connector
                  .call(read)
                  .inbound(429, JSON.with("Retry-After", "30").with("Content-Length", "9"));

      assertThat(relay.rewriter()).isEmpty();
      assertThat(relay.headers().first("retry-after")).contains("30");
      assertThat(relay.headers().first("content-length")).contains("9");
    }

    @Test
    void inboundWhenNoContentThenRelays() {
      Inbound.Relay relay = (Inbound.Relay) connector.call(read).inbound(204, Headers.none());

      assertThat(relay.rewriter()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "text/plain", "application/xml", "TEXT/HTML; charset=x"})
    void inboundWhenSuccessIsNoJsonThenUnusable(String type) {
      assertThat(connector.call(read).inbound(200, Headers.none().with("Content-Type", type)))
          .isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenJsonIsCompressedThenUnusable() {
      assertThat(connector.call(read).inbound(200, JSON.with("Content-Encoding", "gzip")))
          .isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenTwoMediaTypesThenUnusable() {
      Headers headers =
          Headers.of(
              List.of(
                  new Headers.Field("Content-Type", "application/json"),
                  new Headers.Field("Content-Type", "text/html")));

      assertThat(connector.call(read).inbound(200, headers)).isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenRedirectStaysThenItLeadsToTheGateway() {
      Inbound.Relay relay =
          (Inbound.Relay)
              connector
                  .call(read)
                  .inbound(302, Headers.none().with("Location", "/api/now/table/x"));

      assertThat(relay.headers().first("location")).contains("/servicenow/api/now/table/x");
    }

    @Test
    void errorWhenCalledThenHasTheVendorsShape() {
      VendorError error = connector.error(403, "SCOPE_NOT_GRANTED", "say \"please\"");

      assertThat(error.contentType()).startsWith("application/json");
      assertThat(new String(error.body(), StandardCharsets.UTF_8))
          .isEqualTo(
              "{\"error\":{\"message\":\"SCOPE_NOT_GRANTED\",\"detail\":\"say \\\"please\\\"\"},"
                  + "\"status\":\"failure\"}");
    }
  }

  private static String rewritten(Inbound.Relay relay, String body) {
    BodyRewriter rewriter = relay.rewriter().orElseThrow().get();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    byte[] head = rewriter.feed(bytes, 0, bytes.length);
    byte[] tail = rewriter.finish();
    return new String(head, StandardCharsets.UTF_8) + new String(tail, StandardCharsets.UTF_8);
  }

  private static ConnectorRequest request(
      String method, String path, String query, Headers headers, String body) {
    return ConnectorRequest.head(method, RequestTarget.parse(path, query), headers)
        .withBody(body.getBytes(StandardCharsets.UTF_8));
  }
}
