// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.servicenow.Situation;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * For hosts that send what the core allows by themselves: they can send it again with a renewed
 * credential, and what goes wrong on the way is the core's to tell.
 */
public abstract class SendingGatewayContract extends AnsweringGatewayContract {

  @Nested
  final class Sent {

    @Test
    void readWhenAgentNamesForwardersThenUpstreamSeesNone() {
      RawHttp.Response response =
          get(INCIDENTS + "?sysparm_limit=2")
              .header("X-Forwarded-For: 6.6.6.6")
              .header("Forwarded: for=6.6.6.6")
              .send();

      assertThat(response.status()).isEqualTo(200);
      SeenRequest seen = onlySeen();
      for (String name : List.of("x-forwarded-for", "forwarded")) {
        assertThat(seen.headers().has(name)).as(name).isFalse();
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "http://gateway.contract.example/servicenow/api/now/table/incident",
          "http://elsewhere.example/servicenow/api/now/table/incident"
        })
    void sendWhenTargetIsAbsoluteThenDenies(String target) {
      RawHttp.Response response = get(target).send();

      assertDeniedOrTurnedAway(response, 400, "MALFORMED_TARGET");
    }

    @Test
    void readWhenCredentialExpiredThenItIsRenewedAndTheAgentSeesNothing() {
      awaitRenewable();
      int issued = bed().expiring().tokensIssued();
      bed().expiring().expireTokens();

      RawHttp.Response response = get("/renewed-read/api/now/table/incident").send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(bed().expiring().tokensIssued()).isEqualTo(issued + 1);
      assertThat(bed().expiring().apiRequests()).hasSize(2);
    }

    @Test
    void writeWhenCredentialExpiredThenSameBodyGoesAgain() {
      awaitRenewable();
      String incident = bed().expiring().incident("INC0010001");
      bed().expiring().expireTokens();

      RawHttp.Response response =
          patch("/renewed-write/api/now/table/incident/" + incident, "{\"work_notes\":\"again\"}")
              .send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(bed().expiring().row("incident", incident).orElseThrow())
          .containsEntry("work_notes", "again");
    }

    /** What streamed through is gone: the agent has it, and sends it again. */
    @Test
    void uploadWhenCredentialExpiredThenItIsRenewedAndTheAgentIsToldToRepeat() {
      awaitRenewable();
      int issued = bed().expiring().tokensIssued();
      bed().expiring().expireTokens();
      byte[] file = new byte[200_000];

      RawHttp.Response response =
          bed()
              .request(
                  "POST",
                  "/renewed-upload/api/now/attachment/file?table_name=incident&table_sys_id="
                      + bed().expiring().incident("INC0010001")
                      + "&file_name=scan.bin")
              .header("Content-Type: application/octet-stream")
              .body(file)
              .send();

      assertReplaced(response, 503, "RENEWED_RETRY");
      assertThat(response.header("retry-after")).contains("1");
      assertThat(bed().expiring().tokensIssued()).isEqualTo(issued + 1);
      assertThat(bed().expiring().apiRequests()).hasSize(1);
    }

    @Test
    void readWhenCredentialIsNeverAcceptedThenStopsAfterOneRetry() {
      awaitRenewable();
      bed().expiring().always(Situation.SESSION_EXPIRED);

      RawHttp.Response response = get("/never-accepted/api/now/table/incident").send();

      assertReplaced(response, 502, "UPSTREAM_UNAUTHORIZED");
      assertThat(response.headers()).doesNotContainKey("www-authenticate");
      assertThat(bed().expiring().apiRequests()).hasSize(2);
    }

    @Test
    void readWhenUpstreamResetsThenBadGateway() {
      bed().servicenow().always(Situation.CONNECTION_RESET);

      RawHttp.Response response = get(FRAGILE).send();

      assertReplaced(response, 502, "UPSTREAM_FAILED");
    }

    @Test
    void writeWhenUpstreamResetsThenItIsNotSentAgain() {
      bed().servicenow().always(Situation.CONNECTION_RESET);

      RawHttp.Response response = patch(FRAGILE + "/" + incident(), "{\"state\":\"2\"}").send();

      assertReplaced(response, 502, "UPSTREAM_FAILED");
      assertThat(bed().servicenow().apiRequests()).hasSize(1);
    }

    @Test
    void readWhenUpstreamIsSlowThenGatewayTimeout() {
      bed().servicenow().always(Situation.SLOW);

      RawHttp.Response response = get(FRAGILE).send();

      assertReplaced(response, 504, "UPSTREAM_TIMEOUT");
    }
  }
}
