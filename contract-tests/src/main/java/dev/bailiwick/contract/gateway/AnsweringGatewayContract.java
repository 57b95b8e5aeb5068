// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.servicenow.Situation;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** For hosts that show the core every answer of an upstream before the agent gets it. */
public abstract class AnsweringGatewayContract extends GatewayContract {

  @Nested
  final class Answers {

    @Test
    void readWhenAnswerHoldsLinksThenTheyLeadToTheGateway() {
      RawHttp.Response response = get(INCIDENTS + "?sysparm_limit=1").send();

      assertThat(response.everything())
          .doesNotContain(bed().servicenow().origin().toString())
          .contains(bed().gateway() + "/servicenow/api/now/table/sys_user/");
      assertThat(response.header("link").orElse("")).contains(bed().gateway() + INCIDENTS);
    }

    @Test
    void readWhenAnswerIsLargeThenAllOfItComes() {
      for (int i = 0; i < 1500; i++) {
        bed()
            .servicenow()
            .insert(
                "incident",
                Map.of("number", "BULK" + i, "caller_id", "a1000000000000000000000000000001"));
      }

      RawHttp.Response response = get(INCIDENTS + "?sysparm_query=numberLIKEBULK").send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.whole()).isTrue();
      assertThat(response.text().split("\"number\":\"BULK", -1)).hasSize(1501);
      assertThat(response.text()).doesNotContain(bed().servicenow().origin().toString());
    }

    @Test
    void readWhenAgentWantsGzipThenAnswerIsStillRewritten() {
      RawHttp.Response response =
          get(INCIDENTS + "?sysparm_limit=1").header("Accept-Encoding: gzip").send();

      assertThat(onlySeen().headers().all("accept-encoding")).containsExactly("identity");
      assertThat(response.text()).contains(bed().gateway().toString());
    }

    @Test
    void readWhenUpstreamFailsThenAgentSeesItsError() {
      bed().servicenow().always(Situation.SERVER_ERROR);
      AgentRequest request = get(FRAGILE);

      RawHttp.Response response = request.send();

      assertThat(response.status()).isEqualTo(500);
      bed().trail().await(request.tokenId(), "ALLOW");
    }

    @Test
    void readWhenUpstreamLimitsTheRateThenAgentSeesWhenToComeBackAndNoMoreIsSent() {
      bed().servicenow().once(Situation.RATE_LIMITED);

      RawHttp.Response response = get(LIMITED).send();
      RawHttp.Response next = get(LIMITED).send();

      assertThat(response.status()).isEqualTo(429);
      assertThat(response.header("retry-after")).isPresent();
      assertReplaced(next, 429, "UPSTREAM_LIMITED");
      assertThat(next.header("retry-after")).isPresent();
      assertThat(bed().servicenow().apiRequests()).hasSize(1);
    }

    @Test
    void readWhenUpstreamShowsALoginPageThenBadGateway() {
      bed().servicenow().always(Situation.LOGIN_PAGE);

      RawHttp.Response response = get(FRAGILE).send();

      assertReplaced(response, 502, "UPSTREAM_UNUSABLE");
      assertThat(response.everything()).doesNotContain("login.do").doesNotContain("JSESSIONID");
    }

    @Test
    void readWhenUpstreamRedirectsElsewhereThenAgentDoesNotSeeWhere() {
      bed().servicenow().always(Situation.REDIRECT_ELSEWHERE);

      RawHttp.Response response = get(FRAGILE).send();

      assertReplaced(response, 502, "UPSTREAM_UNUSABLE");
      assertThat(response.everything()).doesNotContain("login.elsewhere.example");
    }

    @Test
    void readWhenAnswerStopsInTheMiddleThenAgentCannotTakeItForWhole() {
      bed().servicenow().always(Situation.TRUNCATED_JSON);

      RawHttp.Response response = get(FRAGILE).send();

      assertThat(response.status() != 200 || !response.whole()).isTrue();
    }
  }
}
