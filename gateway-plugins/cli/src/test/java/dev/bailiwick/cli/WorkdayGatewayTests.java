// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.workday.Situation;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulatorExtension;
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

/** A whole gateway in front of a simulated Workday tenant. */
final class WorkdayGatewayTests {
  private static final String WORKERS = "/workday/ccx/api/v1/acme/workers";
  private static final String GET_WORKERS =
      """
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
      <b:Get_Workers_Request xmlns:b="urn:com.workday/bsvc"/></s:Body></s:Envelope>
      """;

  @RegisterExtension final WorkdaySimulatorExtension workday = new WorkdaySimulatorExtension();

  @TempDir private Path directory;
  private WorkdaySimulator tenant;
  private SaasGateway gateway;

  @BeforeEach
  void start() throws Exception {
    tenant = workday.get();
    gateway =
        new SaasGateway(
            directory,
            "workday",
            tenant.origin(),
            "{tenant: acme}",
            """
            {"type": "oauth-refresh", "token_endpoint": "%s", "client_id": "%s",
             "client_secret": "%s", "client_authentication": "basic", "refresh_token": "%s"}
            """
                .formatted(
                    tenant.tokenEndpoint(),
                    tenant.clientId(),
                    tenant.clientSecret(),
                    tenant.refreshToken()),
            List.of(
                "workday:staffing/workers:read", "workday:soap/Human_Resources.Get_Workers:read"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void soapWhenTheFaultSaysBadCredentialThenIsRenewedAndCarriedOut() throws Exception {
    gateway.awaitRenewable(WORKERS);
    tenant.once(Situation.SOAP_AUTHENTICATION_ERROR);

    HttpResponse<String> answer = soap();

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("<wd:Total_Results>4</wd:Total_Results>");
    assertThat(tenant.tokensIssued()).isEqualTo(2);
  }

  @Test
  void soapWhenTheFaultIsTheMessagesThenItIsRelayedAndNothingRenewed() throws Exception {
    tenant.once(Situation.SOAP_VALIDATION_ERROR);

    HttpResponse<String> answer = soap();

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("Client.validationError");
    assertThat(tenant.tokensIssued()).isEqualTo(1);
  }

  @Test
  void readWhenAnsweredThenEveryLinkLeadsToTheGateway() throws Exception {
    HttpResponse<String> answer = gateway.get(WORKERS + "?limit=2");

    assertThat(json(answer).path("data").path(1).path("href").asString())
        .isEqualTo(SaasGateway.EXTERNAL + WORKERS + "/0e44c92412d34b01ace61e80a47aaf6d");
    assertThat(answer.body()).doesNotContain(tenant.origin().toString());
  }

  @Test
  void readWhenOutOfScopeThenDeniedInVendorShapeAndNothingIsSent() throws Exception {
    HttpResponse<String> answer =
        gateway.get(WORKERS + "/0e44c92412d34b01ace61e80a47aaf6d/paySlips");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(json(answer).path("error").asString())
        .contains("workday:core-payroll/workers.paySlips:read");
    assertThat(json(answer).path("errors").path(0).path("code").asString())
        .isEqualTo("SCOPE_NOT_GRANTED");
    assertThat(tenant.requests()).isEmpty();
  }

  @Test
  void readWhenAPageComesInsteadOfDataThenUnusable() throws Exception {
    tenant.once(Situation.LOGIN_PAGE);

    HttpResponse<String> answer = gateway.get(WORKERS);

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(json(answer).path("errors").path(0).path("code").asString())
        .isEqualTo("UPSTREAM_UNUSABLE");
  }

  private HttpResponse<String> soap() throws Exception {
    return gateway.send(
        "POST", "/workday/ccx/service/acme/Human_Resources/v42.0", "text/xml", GET_WORKERS);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }
}
