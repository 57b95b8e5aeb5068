// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SalesforceConnectorTests {
  private static final String DATA = "/services/data/v66.0";
  private static final ConnectorRequest QUERY =
      TestConnectors.get(DATA + "/query?q=SELECT+Id+FROM+Account");
  private static final ConnectorRequest COMPOSITE =
      TestConnectors.post(
          DATA + "/composite",
          "{\"compositeRequest\":[{\"method\":\"GET\",\"url\":\"/services/data/v66.0/limits\","
              + "\"referenceId\":\"a\"}]}");
  private static final ConnectorRequest FILE =
      TestConnectors.get(DATA + "/sobjects/ContentVersion/068000000000001AAA/VersionData");
  private static final Headers JSON =
      Headers.none().with("Content-Type", "application/json;charset=UTF-8");

  private final Connector connector = TestConnectors.mounted();

  @Nested
  class Operations {
    @Test
    void operationsWhenCompoundThenEachSaysWhereItStands() {
      String part =
          "{\"method\":\"GET\",\"url\":\"/services/data/v66.0/limits\",\"referenceId\":\"a\"}";
      String records =
          "{\"method\":\"POST\",\"url\":\"/services/data/v66.0/composite/sobjects\","
              + "\"referenceId\":\"b\",\"body\":{\"records\":["
              + "{\"attributes\":{\"type\":\"Account\"},\"Name\":\"x\"},"
              + "{\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"x\"}]}}";

      assertThat(
              Shown.of(
                  connector
                      .call(
                          TestConnectors.post(
                              DATA + "/composite",
                              "{\"compositeRequest\":[" + part + "," + records + "]}"))
                      .operations()))
          .containsExactly(
              "compositeRequest[0] api/limits:read",
              "compositeRequest[1].records[0] sobject/account:create =name",
              "compositeRequest[1].records[1] sobject/contact:create =lastname");
    }

    @ParameterizedTest
    @CsvSource({
      "GET, /sobjects/Account/001000000000001AAA, NONE",
      "DELETE, /sobjects/Account/001000000000001AAA, NONE",
      "PATCH, /sobjects/Account/001000000000001AAA, READ",
      "POST, /sobjects/Account, READ",
      "POST, /sobjects/Account/001000000000001AAA?_HttpMethod=DELETE, NONE",
      "POST, /composite, READ",
      "POST, /graphql, READ",
      "GET, /query?q=SELECT+Id+FROM+Account, NONE",
      "POST, /actions/custom/flow/Any, STREAM",
    })
    void bodyUseWhenAskedThenAsTheResourceTakesIt(String method, String path, BodyUse use) {
      ConnectorRequest head = TestConnectors.request(method, DATA + path, "{}");

      assertThat(connector.classify(head).bodyUse()).isEqualTo(use);
    }
  }

  @Nested
  class Outbound {
    private final Credential token = new Credential.BearerToken(Secret.of("stored"));

    @Test
    void outboundWhenSentThenOnlyTheStoredCredentialIsOnIt() {
      ConnectorRequest request =
          new ConnectorRequest(
              "GET",
              RequestTarget.parse(DATA + "/sobjects", "SID=a&oauth_token=b&Access_Token=c"),
              Headers.none()
                  .with("X-SFDC-Session", "agent")
                  .with("Cookie", "sid=agent")
                  .with("Accept", "application/xml")
                  .with("Accept-Encoding", "gzip"),
              new byte[0]);

      OutboundRequest sent = connector.call(request).outbound(token);

      assertThat(sent.target().pathAndQuery()).isEqualTo(DATA + "/sobjects");
      assertThat(sent.headers())
          .isEqualTo(
              Headers.none()
                  .with("Accept-Encoding", "identity")
                  .with("Accept", "application/json")
                  .with("Authorization", "Bearer stored"));
      assertThat(sent.credentialHeaders()).containsExactly("authorization");
      assertThat(sent.body()).isEmpty();
    }

    @Test
    void outboundWhenAFileIsAskedForThenTheAgentSaysWhatItAccepts() {
      ConnectorRequest request =
          new ConnectorRequest(
              "GET", FILE.target(), Headers.none().with("Accept", "*/*"), new byte[0]);

      assertThat(connector.call(request).outbound(token).headers().first("accept")).contains("*/*");
    }

    @Test
    void outboundWhenTheMountPointIsThereTwiceThenItIsSentWithoutIt() {
      ConnectorRequest request = TestConnectors.get("/salesforce" + DATA + "/limits");

      assertThat(connector.call(request).outbound(token).target().pathAndQuery())
          .isEqualTo(DATA + "/limits");
    }

    @Test
    void outboundWhenCredentialIsAPasswordThenThrows() {
      Credential password = new Credential.BasicPair("user", Secret.of("x"));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> connector.call(QUERY).outbound(password))
          .withMessageContaining("bearer token");
    }
  }

  @Nested
  class Expiry {
    private final byte[] expired =
        bytes("[{\"message\":\"Session expired\",\"errorCode\":\"INVALID_SESSION_ID\"}]");

    @Test
    void inspectWhenTheSessionHasExpiredThenSaysSo() {
      assertThat(connector.call(QUERY).inbound(401, JSON)).isInstanceOf(Inbound.Inspect.class);
      assertThat(connector.call(QUERY).inspect(401, JSON, expired))
          .isEqualTo(new Inbound.CredentialExpired());
      assertThat(connector.call(QUERY).inspect(401, JSON, new byte[0]))
          .isEqualTo(new Inbound.CredentialExpired());
    }

    @Test
    void inspectWhenTheCredentialIsWrongThenRenewalIsNotTheAnswer() {
      byte[] body = bytes("[{\"message\":\"x\",\"errorCode\":\"INVALID_AUTH_HEADER\"}]");

      assertThat(connector.call(QUERY).inspect(401, JSON, body))
          .isInstanceOf(Inbound.Unusable.class);
    }

    @Test
    void inboundWhenHeadIsUnauthorizedThenThereIsNoBodyToAsk() {
      ConnectorRequest head = TestConnectors.request("HEAD", DATA + "/limits", "");

      assertThat(connector.call(head).inbound(401, JSON))
          .isEqualTo(new Inbound.CredentialExpired());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "{\"compositeResponse\":[{\"httpStatusCode\":401,\"body\":["
              + "{\"errorCode\":\"INVALID_SESSION_ID\"}]}]}",
          "{\"hasErrors\":true,\"results\":[{\"statusCode\":401,\"result\":["
              + "{\"errorCode\":\"INVALID_SESSION_ID\"}]}]}",
          "{\"graphs\":[{\"graphResponse\":{\"compositeResponse\":[{\"httpStatusCode\":401,"
              + "\"body\":[{\"errorCode\":\"INVALID_SESSION_ID\"}]}]}}]}",
        })
    void inspectWhenEveryPartHasExpiredThenSaysSo(String body) {
      assertThat(connector.call(COMPOSITE).inspect(200, JSON, bytes(body)))
          .isEqualTo(new Inbound.CredentialExpired());
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          // The first part was carried out: a repeat would carry it out again.
          "{\"compositeResponse\":[{\"httpStatusCode\":201,\"body\":{\"id\":\"001\"}},"
              + "{\"httpStatusCode\":401,\"body\":[{\"errorCode\":\"INVALID_SESSION_ID\"}]}]}",
          // A record may hold any text.
          "{\"compositeResponse\":[{\"httpStatusCode\":200,\"body\":{\"Name\":"
              + "\"INVALID_SESSION_ID\"}}]}",
          "{\"compositeResponse\":[]}",
          "not JSON",
        })
    void inspectWhenNotEveryPartHasExpiredThenRelays(String body) {
      assertThat(connector.call(COMPOSITE).inspect(200, JSON, bytes(body)))
          .isInstanceOf(Inbound.Relay.class);
    }

    @Test
    void inboundWhenCompoundThenOnlyShortAnswersAreInspected() {
      Headers small = JSON.with("Content-Length", "500");
      Headers large = JSON.with("Content-Length", "500000");

      assertThat(connector.call(COMPOSITE).inbound(200, small)).isInstanceOf(Inbound.Inspect.class);
      assertThat(connector.call(COMPOSITE).inbound(200, large)).isInstanceOf(Inbound.Relay.class);
    }

    @Test
    void inboundWhenCompoundHasNoLengthThenItIsInspectedAndRelayedIfItIsLong() {
      Inbound inbound = connector.call(COMPOSITE).inbound(200, JSON);

      assertThat(inbound)
          .isInstanceOfSatisfying(
              Inbound.Inspect.class,
              inspect -> {
                assertThat(inspect.maxBytes()).isEqualTo(64 * 1024);
                assertThat(inspect.longer()).isPresent();
              });
    }
  }

  @Nested
  class Limit {
    private final byte[] exceeded =
        bytes("[{\"message\":\"TotalRequests Limit\",\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\"}]");

    @ParameterizedTest
    @ValueSource(ints = {400, 403})
    void inspectWhenTheLimitIsUsedUpThenCallsPauseAndTheAgentSeesWhy(int status) {
      assertThat(connector.call(QUERY).inbound(status, JSON)).isInstanceOf(Inbound.Inspect.class);
      assertThat(connector.call(QUERY).inspect(status, JSON, exceeded))
          .isInstanceOfSatisfying(
              Inbound.Limited.class,
              limited -> {
                assertThat(limited.pause()).isEqualTo(Duration.ofSeconds(30));
                assertThat(limited.answer().status()).isEqualTo(status);
              });
    }

    @Test
    void inspectWhenThePauseIsConfiguredThenItIsThatLong() {
      Connector patient =
          TestConnectors.at("https://gateway.acme.example/salesforce", Map.of("limitPause", "5m"));

      assertThat(patient.call(QUERY).inspect(403, JSON, exceeded))
          .isInstanceOfSatisfying(
              Inbound.Limited.class,
              limited -> assertThat(limited.pause()).isEqualTo(Duration.ofMinutes(5)));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "[{\"message\":\"REQUEST_LIMIT_EXCEEDED\",\"errorCode\":\"INSUFFICIENT_ACCESS\"}]",
          "{\"errorCode\":\"REQUEST_LIMIT_EXCEEDED\"}",
          "[\"REQUEST_LIMIT_EXCEEDED\"]",
          "REQUEST_LIMIT_EXCEEDED",
          "",
        })
    void inspectWhenSomethingElseIsWrongThenNothingPauses(String body) {
      assertThat(connector.call(QUERY).inspect(403, JSON, bytes(body)))
          .isInstanceOf(Inbound.Relay.class);
    }

    @ParameterizedTest
    @CsvSource({
      "POST, /services/apexrest/cases/escalate",
      "GET, /services/data/v66.0/sobjects/ContentVersion/068000000000001/VersionData",
    })
    void inboundWhenTheAnswerMaySayAnythingThenNothingPauses(String method, String target) {
      VendorCall call = connector.call(TestConnectors.request(method, target, ""));

      assertThat(call.inbound(403, JSON)).isInstanceOf(Inbound.Relay.class);
      assertThat(call.inbound(400, JSON)).isInstanceOf(Inbound.Relay.class);
      assertThat(call.inspect(403, JSON, exceeded)).isInstanceOf(Inbound.Relay.class);
    }

    @Test
    void inboundWhenTheErrorIsLongThenItIsRelayed() {
      assertThat(connector.call(QUERY).inbound(403, JSON))
          .isInstanceOfSatisfying(
              Inbound.Inspect.class, inspect -> assertThat(inspect.longer()).isPresent());
    }

    @Test
    void inboundWhenHeadIsForbiddenThenThereIsNoBodyToAsk() {
      ConnectorRequest head = TestConnectors.request("HEAD", DATA + "/limits", "");

      assertThat(connector.call(head).inbound(403, JSON)).isInstanceOf(Inbound.Relay.class);
    }
  }

  @Nested
  class Links {
    @Test
    void inboundWhenAnswerIsJsonThenLinksGetTheMountPoint() {
      String body =
          "{\"nextRecordsUrl\":\"/services/data/v66.0/query/01g-2000\",\"records\":["
              + "{\"attributes\":{\"type\":\"Account\",\"url\":\"/services/data/v66.0/x\"},"
              + "\"Website\":\"/services/data\",\"url\":\"https://acme.my.salesforce.com/y\"}],"
              + "\"urls\":{\"sobject\":\"/services/data/v66.0/sobjects/Account\"}}";

      assertThat(rewritten(connector.call(QUERY).inbound(200, JSON), body))
          .isEqualTo(
              "{\"nextRecordsUrl\":\"/salesforce/services/data/v66.0/query/01g-2000\",\"records\":["
                  + "{\"attributes\":{\"type\":\"Account\","
                  + "\"url\":\"/salesforce/services/data/v66.0/x\"},"
                  + "\"Website\":\"/services/data\",\"url\":\"https://acme.my.salesforce.com/y\"}],"
                  + "\"urls\":{\"sobject\":\"/salesforce/services/data/v66.0/sobjects/Account\"}}");
    }

    @Test
    void inboundWhenAnswerIsAnIndexThenEveryPathGetsTheMountPoint() {
      Inbound versions = connector.call(TestConnectors.get("/services/data")).inbound(200, JSON);
      Inbound resources = connector.call(TestConnectors.get(DATA)).inbound(200, JSON);

      assertThat(rewritten(versions, "[{\"label\":\"Spring\",\"url\":\"/services/data/v66.0\"}]"))
          .isEqualTo("[{\"label\":\"Spring\",\"url\":\"/salesforce/services/data/v66.0\"}]");
      assertThat(rewritten(resources, "{\"query\":\"/services/data/v66.0/query\"}"))
          .isEqualTo("{\"query\":\"/salesforce/services/data/v66.0/query\"}");
    }

    @Test
    void inboundWhenRewrittenThenHeadersNoLongerDescribeTheOldBody() {
      Headers headers = JSON.with("Content-Length", "12").with("ETag", "\"x\"");

      Inbound.Relay relay = (Inbound.Relay) connector.call(QUERY).inbound(200, headers);

      assertThat(relay.headers()).isEqualTo(JSON);
    }

    @Test
    void inboundWhenNotMountedBelowAPathThenNothingIsRewritten() {
      Connector unmounted = TestConnectors.at("https://salesforce.acme.example", Map.of());
      Headers headers = JSON.with("Content-Length", "12");

      assertThat(unmounted.call(TestConnectors.get(DATA + "/limits")).inbound(200, headers))
          .isEqualTo(new Inbound.Relay(200, headers, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
      "/services/data/v66.0/sobjects/Account/001,"
          + " /salesforce/services/data/v66.0/sobjects/Account/001",
      "https://acme.my.salesforce.com/services/x,"
          + " https://gateway.acme.example/salesforce/services/x",
    })
    void inboundWhenALocationIsGivenThenItLeadsToTheGateway(String location, String expected) {
      Inbound.Relay relay =
          (Inbound.Relay) connector.call(QUERY).inbound(201, JSON.with("Location", location));

      assertThat(relay.headers().first("location")).contains(expected);
    }

    @Test
    void inboundWhenAnswerIsAFileThenItStreamsAsItIs() {
      Headers html = Headers.none().with("Content-Type", "text/html").with("Content-Length", "5");

      assertThat(connector.call(FILE).inbound(200, html))
          .isEqualTo(new Inbound.Relay(200, html, Optional.empty()));
    }

    @Test
    void inboundWhenAFileIsElsewhereThenItIsNotFollowed() {
      Headers headers = Headers.none().with("Location", "https://acme.file.force.com/x?token=y");

      assertThat(connector.call(FILE).inbound(302, headers)).isInstanceOf(Inbound.Unusable.class);
    }

    private String rewritten(Inbound inbound, String body) {
      BodyRewriter rewriter = ((Inbound.Relay) inbound).rewriter().orElseThrow().get();
      byte[] bytes = bytes(body);
      return new String(rewriter.feed(bytes, 0, bytes.length), StandardCharsets.UTF_8)
          + new String(rewriter.finish(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void errorWhenMadeThenHasTheShapeOfSalesforce() {
    VendorError error = connector.error(403, "SCOPE_NOT_GRANTED", "needs \"x\"");

    assertThat(new String(error.body(), StandardCharsets.UTF_8))
        .isEqualTo("[{\"message\":\"needs \\\"x\\\"\",\"errorCode\":\"SCOPE_NOT_GRANTED\"}]");
    assertThat(error.contentType()).startsWith("application/json");
  }

  @Nested
  class Options {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "keyPrefix | 001=Account | keyPrefix is unknown",
          "limitPause | 30 | found 30",
          "limitPause | 0s | from 1s to 1h",
          "limitPause | 2h | from 1s to 1h",
          "limitPause | -5s | found -5s",
          "keyPrefixes | 001 | found 001",
          "keyPrefixes | 0012=Account | found 0012=Account",
          "keyPrefixes | 001=Ac-count | found 001=Ac-count",
          "keyPrefixes | 001=Account 001=Contact | 001 stands twice",
          "apexRestPaths | cases | found cases",
          "apexRestPaths | /* | found /*",
          "apexRestPaths | / | found /",
          "apexRestPaths | /a//b | found /a//b",
          "apexRestPaths | /a/../b | found /a/../b",
          "apexRestPaths | /a?x | found /a?x",
          "apexRestPaths | /a/*/b | found /a/*/b",
        })
    void connectWhenAnOptionIsWrongThenNamesIt(String name, String value, String words) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestConnectors.at("https://gateway.acme.example", Map.of(name, value)))
          .withMessageContaining(words);
    }

    @Test
    void connectWhenCustomCodeIsNamedTwiceThenTheLongerPathCounts() {
      Connector both =
          TestConnectors.at(
              "https://gateway.acme.example", Map.of("apexRestPaths", "/a/* /a/b/c /a/b/*"));

      assertThat(Shown.of(both.call(TestConnectors.get("/services/apexrest/a/b/c")).operations()))
          .containsExactly("apexrest/a.b.c:execute");
      assertThat(Shown.of(both.call(TestConnectors.get("/services/apexrest/a/b/d")).operations()))
          .containsExactly("apexrest/a.b:execute");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
