// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.VendorCall;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which handles an answer hands out, and what goes on under them. */
final class HandlesTests {
  private static final String DATA = "/services/data/v66.0";
  private static final Headers JSON = Headers.none().with("Content-Type", "application/json");

  private static Connector connector(String path) {
    return new SalesforceAdapter()
        .connect(
            new ConnectorSettings(
                "salesforce",
                URI.create("https://acme.my.salesforce.example"),
                URI.create("https://gateway.example" + path),
                Map.of()));
  }

  private static VendorCall call(String method, String target, String body) {
    return connector("/salesforce").call(TestConnectors.request(method, target, body));
  }

  private static List<String> handedOut(VendorCall call, String answer) {
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    Inbound inbound = call.inbound(200, JSON);
    if (inbound instanceof Inbound.Inspect) {
      inbound = call.inspect(200, JSON, bytes);
    }
    BodyRewriter rewriter = ((Inbound.Relay) inbound).rewriter().orElseThrow().get();
    byte[] unused = rewriter.feed(bytes, 0, bytes.length);
    byte[] rest = rewriter.finish();
    return rewriter.handles().stream().map(handle -> handle.kind() + " " + handle.id()).toList();
  }

  private static List<String> handedOn(VendorCall call) {
    return call.handedOn().stream().map(operation -> operation.scope("s")).toList();
  }

  @Test
  void answerWhenAQueryHasMoreRowsThenItsLocatorAndThoseOfTheRowsBelow() {
    VendorCall call =
        call("GET", DATA + "/query?q=SELECT+Name,(SELECT+LastName+FROM+Contacts)+FROM+Account", "");

    assertThat(
            handedOut(
                call,
                "{\"totalSize\":3000,\"done\":false,\"nextRecordsUrl\":\"/services/data/v66.0/query/"
                    + "01g000000000001AAA-2000\",\"records\":[{\"Name\":\"/services/data/v66.0/query/"
                    + "01g000000000009AAA-2000\",\"Contacts\":{\"done\":false,\"nextRecordsUrl\":"
                    + "\"/services/data/v66.0/query/01g000000000002AAA-200\"}}]}"))
        .containsExactly("locator 01g000000000001AAA", "locator 01g000000000002AAA");
    assertThat(handedOn(call))
        .containsExactly("s:sobject/account:read", "s:relationship/account.contacts:read");
  }

  @Test
  void answerWhenTheConnectorHasTheRootThenLocatorsAreFoundToo() {
    VendorCall call =
        connector("")
            .call(TestConnectors.request("GET", DATA + "/query?q=SELECT+Id+FROM+Lead", ""));

    assertThat(
            handedOut(
                call,
                "{\"nextRecordsUrl\":\"/services/data/v66.0/query/01g000000000001AAA-2000\"}"))
        .containsExactly("locator 01g000000000001AAA");
  }

  @Test
  void answerWhenACompositeMadeTheQueryThenOnlyItsPartGoesOn() {
    VendorCall call =
        call(
            "POST",
            DATA + "/composite",
            "{\"compositeRequest\":[{\"method\":\"POST\",\"url\":\"/services/data/v66.0/sobjects/Lead\","
                + "\"referenceId\":\"a\",\"body\":{\"LastName\":\"x\"}},{\"method\":\"GET\",\"url\":"
                + "\"/services/data/v66.0/query?q=SELECT+Id+FROM+Account\",\"referenceId\":\"b\"}]}");

    assertThat(
            handedOut(
                call,
                "{\"compositeResponse\":[{\"body\":{\"id\":\"00Q000000000001AAA\"},\"httpStatusCode\":"
                    + "201},{\"body\":{\"done\":false,\"nextRecordsUrl\":"
                    + "\"/services/data/v66.0/query/01g000000000001AAA-2000\"},\"httpStatusCode\":200}]}"))
        .containsExactly("locator 01g000000000001AAA");
    assertThat(handedOn(call)).containsExactly("s:sobject/account:read");
  }

  /** A flow's outputs have names of the customer's choice. */
  @Test
  void answerWhenCodeInACompositePutsOutALocatorThenItIsNone() {
    VendorCall call =
        call(
            "POST",
            DATA + "/composite",
            "{\"compositeRequest\":[{\"method\":\"GET\",\"url\":"
                + "\"/services/data/v66.0/query?q=SELECT+Id+FROM+Account\",\"referenceId\":\"b\"}]}");

    assertThat(
            handedOut(
                call,
                "{\"compositeResponse\":[{\"body\":[{\"outputValues\":{\"nextRecordsUrl\":"
                    + "\"/services/data/v66.0/query/01g000000000001AAA-2000\"}}]}]}"))
        .isEmpty();
  }

  @Test
  void answerWhenABatchMadeTheQueryThenItsLocator() {
    VendorCall call =
        call(
            "POST",
            DATA + "/composite/batch",
            "{\"batchRequests\":[{\"method\":\"GET\",\"url\":\"v66.0/query?q=SELECT+Id+FROM+Lead\"}]}");

    assertThat(
            handedOut(
                call,
                "{\"hasErrors\":false,\"results\":[{\"statusCode\":200,\"result\":{\"nextRecordsUrl\":"
                    + "\"/services/data/v66.0/query/01g000000000001AAA-2000\"}}]}"))
        .containsExactly("locator 01g000000000001AAA");
    assertThat(handedOn(call)).containsExactly("s:sobject/lead:read");
  }

  @Test
  void answerWhenAJobIsMadeThenItsIdAndEverythingGoesOn() {
    VendorCall call =
        call("POST", DATA + "/jobs/ingest", "{\"object\":\"Lead\",\"operation\":\"delete\"}");

    assertThat(call.needsHandle()).isTrue();
    assertThat(
            handedOut(
                call,
                "{\"id\":\"750000000000001AAA\",\"object\":\"Lead\",\"createdById\":"
                    + "\"005000000000001AAA\",\"contentUrl\":\"services/data/v66.0/jobs/ingest/"
                    + "750000000000001AAA/batches\"}"))
        .containsExactly("job 750000000000001");
    assertThat(handedOn(call)).containsExactly("s:sobject/lead:delete");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/services/data/v66.0/query/01g000000000001AAA-2000",
        "/services/data/v66.0/sobjects/Account/01g000000000001AAA-2000",
        "/services/data/v66.0/query/01g-2000",
        "/services/data/v66.0/query/",
        ""
      })
  void locatorOfLinkWhenItLeadsElsewhereThenNone(String link) {
    assertThat(Handles.locatorOfLink(link).map(Handle::id)).isEmpty();
  }

  @Test
  void usesWhenAPageIsFetchedThenNothingElseIsDone() {
    VendorCall call = call("GET", DATA + "/query/01g000000000001AAA-2000", "");

    assertThat(call.operations()).isEmpty();
    assertThat(call.needsHandle()).isFalse();
    assertThat(call.uses()).extracting(Handle::id).containsExactly("01g000000000001AAA");
  }
}
