// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.servicenow.Situation;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * For Apache APISIX, which proxies what the core allows by itself and reports afterwards how it was
 * answered: an agent whose call ran into an expired credential repeats it.
 */
public abstract class ProxyingGatewayContract extends GatewayContract {

  @Override
  protected final boolean behindNginx() {
    return true;
  }

  @Nested
  final class Proxied {

    @ParameterizedTest
    @ValueSource(
        strings = {
          "http://gateway.contract.example/servicenow/api/now/table/incident",
          "http://elsewhere.example/servicenow/api/now/table/incident"
        })
    void sendWhenTargetIsAbsoluteThenItsPathIsDecidedAndTheOriginIsPinned(String target) {
      RawHttp.Response response = get(target).send();

      assertThat(response.status()).isEqualTo(200);
      SeenRequest seen = onlySeen();
      assertThat(seen.path()).isEqualTo("/api/now/table/incident");
      assertThat(seen.headers().all("host"))
          .containsExactly(bed().servicenow().origin().getAuthority());
    }

    @Test
    void readWhenCredentialExpiredThenItIsRenewedBeforeTheAgentRepeatsIt() {
      awaitRenewable();
      int issued = bed().expiring().tokensIssued();
      bed().expiring().expireTokens();

      AgentRequest first = get("/renewed-read/api/now/table/incident");
      RawHttp.Response response = first.send();

      assertThat(response.status()).isEqualTo(503);
      assertThat(response.header("retry-after")).contains("1");
      bed().trail().await(first.tokenId(), "RENEWED_RETRY");
      assertThat(get("/renewed-read/api/now/table/incident").send().status()).isEqualTo(200);
      assertThat(bed().expiring().tokensIssued()).isEqualTo(issued + 1);
      assertThat(bed().expiring().apiRequests()).hasSize(2);
    }

    @Test
    void writeWhenCredentialExpiredThenItsIntentAndItsAnswerAreRecorded() {
      awaitRenewable();
      String incident = bed().expiring().incident("INC0010001");
      bed().expiring().expireTokens();

      AgentRequest first =
          patch("/renewed-write/api/now/table/incident/" + incident, "{\"work_notes\":\"again\"}");

      assertThat(first.send().status()).isEqualTo(503);
      bed().trail().await(first.tokenId(), "ALLOW");
      bed().trail().await(first.tokenId(), "RENEWED_RETRY");
      assertThat(
              patch(
                      "/renewed-write/api/now/table/incident/" + incident,
                      "{\"work_notes\":\"again\"}")
                  .send()
                  .status())
          .isEqualTo(200);
    }

    /** More often than a circuit breaker lets failures of an upstream pass. */
    private static final int AGAIN = 12;

    /** Sent without it, the request would go under whatever identity the host has upstream. */
    @Test
    void readWhenCredentialIsAClientCertificateThenNothingIsSent() {
      Map<String, AgentRequest> sent = new HashMap<>();
      for (int i = 0; i < AGAIN; i++) {
        AgentRequest request = get("/certified/api/now/table/incident");
        RawHttp.Response response = request.send();

        assertThat(response.status()).isEqualTo(500);
        assertThat(response.header("x-bailiwick-code")).contains("INTERNAL");
        assertThat(response.text())
            .contains("nothing was sent: ")
            .contains("store another kind of credential");
        sent.put(response.header("x-correlation-id").orElseThrow(), request);
      }

      sent.forEach(
          (correlationId, request) ->
              assertThat(bed().trail().await(request.tokenId(), "INTERNAL"))
                  .contains("nothing was sent: ")
                  .contains(correlationId));
      assertThat(bed().servicenow().apiRequests()).isEmpty();
    }

    @Test
    void writeWhenCredentialIsAClientCertificateThenTheRecordSaysThatNothingWasSent() {
      AgentRequest request =
          patch("/certified/api/now/table/incident/" + incident(), "{\"state\":\"2\"}");
      RawHttp.Response response = request.send();

      String correlationId = response.header("x-correlation-id").orElseThrow();
      assertThat(response.header("x-bailiwick-code")).contains("INTERNAL");
      assertThat(bed().trail().await(request.tokenId(), "ALLOW")).contains(correlationId);
      assertThat(bed().trail().awaitAnswer(correlationId)).contains("nothing was sent: ");
      assertThat(bed().trail().await(request.tokenId(), "INTERNAL")).contains(correlationId);
      assertThat(bed().servicenow().apiRequests()).isEmpty();
    }

    @Test
    void readWhenUpstreamFailsThenAgentSeesItsErrorAndTheRecordItsStatus() {
      bed().servicenow().always(Situation.SERVER_ERROR);
      AgentRequest request = get(FRAGILE);

      assertThat(request.send().status()).isEqualTo(500);
      assertThat(bed().trail().await(request.tokenId(), "ALLOW")).contains("500");
    }

    @Test
    void writeWhenUpstreamResetsThenItIsNotSentAgain() {
      bed().servicenow().always(Situation.CONNECTION_RESET);
      AgentRequest request = patch(FRAGILE + "/" + incident(), "{\"state\":\"2\"}");

      assertThat(request.send().status()).isEqualTo(502);
      assertThat(bed().servicenow().apiRequests()).hasSize(1);
      bed().trail().await(request.tokenId(), "ALLOW");
    }

    @Test
    void readWhenUpstreamIsSlowThenGatewayTimeout() {
      bed().servicenow().always(Situation.SLOW);

      assertThat(get(FRAGILE).send().status()).isEqualTo(504);
    }

    @Test
    void readWhenUpstreamRedirectsElsewhereThenAgentDoesNotSeeWhere() {
      bed().servicenow().always(Situation.REDIRECT_ELSEWHERE);

      assertThat(get(FRAGILE).send().everything()).doesNotContain("login.elsewhere.example");
    }
  }
}
