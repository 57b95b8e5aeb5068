// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.salesforce.SalesforceSimulatorExtension;
import dev.bailiwick.simulator.salesforce.Situation;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole gateway in front of a simulated Salesforce org. */
final class SalesforceGatewayTests {
  private static final String DATA = "/salesforce/services/data/v66.0";
  private static final String CONTACTS = DATA + "/query?q=SELECT+Id+FROM+Contact";
  private static final String TWO_READS =
      """
      {"compositeRequest":[
        {"method":"GET","url":"/services/data/v66.0/sobjects/Account/001000000000001AAA?fields=Name","referenceId":"a"},
        {"method":"GET","url":"/services/data/v66.0/sobjects/Contact/003000000000001AAA?fields=LastName","referenceId":"b"}]}
      """;

  @RegisterExtension
  final SalesforceSimulatorExtension salesforce = new SalesforceSimulatorExtension();

  @TempDir private Path directory;
  private SalesforceSimulator org;
  private SaasGateway gateway;

  @BeforeEach
  void start() throws Exception {
    org = salesforce.get();
    gateway =
        new SaasGateway(
            directory,
            "salesforce",
            org.origin(),
            "{}",
            """
            {"type": "oauth-client-credentials", "token_endpoint": "%s",
             "client_id": "%s", "client_secret": "%s"}
            """
                .formatted(org.tokenEndpoint(), org.clientId(), org.clientSecret()),
            List.of("salesforce:sobject/account:read", "salesforce:sobject/contact:read"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void readWhenTheSessionHasExpiredThenIsRenewedOnceAndCarriedOut() throws Exception {
    gateway.awaitRenewable(CONTACTS);
    org.expireTokens();
    org.forgetRequests();

    HttpResponse<String> answer = gateway.get(CONTACTS);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).path("totalSize").asInt()).isEqualTo(3);
    assertThat(org.tokensIssued()).isEqualTo(2);
    assertThat(org.apiRequests()).hasSize(2);
  }

  @Test
  void compositeWhenEveryPartSaysExpiredThenIsRenewedAndCarriedOut() throws Exception {
    gateway.awaitRenewable(CONTACTS);
    org.expireInsideNextCompound(0);

    HttpResponse<String> answer = composite(TWO_READS);

    assertThat(json(answer).path("compositeResponse"))
        .extracting(part -> part.path("httpStatusCode").asInt())
        .containsExactly(200, 200);
    assertThat(org.tokensIssued()).isEqualTo(2);
  }

  @Test
  void compositeWhenOnlySomePartsSayExpiredThenIsNotCarriedOutTwice() throws Exception {
    org.expireInsideNextCompound(1);

    HttpResponse<String> answer = composite(TWO_READS);

    assertThat(json(answer).path("compositeResponse"))
        .extracting(part -> part.path("httpStatusCode").asInt())
        .containsExactly(200, 401);
    assertThat(org.apiRequests()).hasSize(1);
  }

  @Test
  void compositeWhenOnePartIsOutOfScopeThenNothingOfItReachesSalesforce() throws Exception {
    HttpResponse<String> answer =
        composite(TWO_READS.replace("/sobjects/Contact/003", "/sobjects/User/005"));

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(json(answer).path(0).path("errorCode").asString()).isEqualTo("SCOPE_NOT_GRANTED");
    assertThat(json(answer).path(0).path("message").asString())
        .contains("compositeRequest[1]", "salesforce:sobject/user:read");
    assertThat(org.requests()).isEmpty();
    assertThat(org.touches()).isEmpty();
  }

  @Test
  void queryWhenPagedThenItsLinksLeadThroughTheGateway() throws Exception {
    org.pageSize(2);

    JsonNode first = json(gateway.get(CONTACTS));
    String next = first.path("nextRecordsUrl").asString();
    JsonNode second = json(gateway.get(next));

    assertThat(next).startsWith(DATA + "/query/01g");
    assertThat(first.path("records").path(0).path("attributes").path("url").asString())
        .startsWith(DATA + "/sobjects/Contact/");
    assertThat(second.path("records")).hasSize(1);
  }

  @Test
  void readWhenAPageComesInsteadOfDataThenUnusableInVendorShape() throws Exception {
    org.once(Situation.LOGIN_PAGE);

    HttpResponse<String> answer = gateway.get(CONTACTS);

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(json(answer).path(0).path("errorCode").asString()).isEqualTo("UPSTREAM_UNUSABLE");
    assertThat(answer.headers().map()).doesNotContainKey("set-cookie");
  }

  private HttpResponse<String> composite(String body) throws Exception {
    return gateway.send("POST", DATA + "/composite", "application/json", body);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }
}
