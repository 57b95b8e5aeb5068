// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.Explanation;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.RequestExplainer;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connector as a gateway finds it: by the name in a bundle, below its mount point. */
class TicketsBundleTests {
  private RequestExplainer explainer;

  @BeforeEach
  void readBundle() throws PolicyException {
    explainer = RequestExplainer.of(BundleReader.read(Path.of("bundle.yaml")));
  }

  private Explanation.Understood comment(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Headers headers =
        Headers.none()
            .with("Content-Type", "application/json")
            .with("Content-Length", String.valueOf(bytes.length));
    InboundRequest request =
        new InboundRequest(
            "POST", "/tickets/v1/tickets/7/comments", null, headers, Optional.empty(), "");
    return (Explanation.Understood) explainer.explain(request, bytes);
  }

  @Test
  void explainWhenCommentClosesATicketThenNeedsBothScopes() {
    assertThat(comment("{\"text\":\"done\",\"status\":\"closed\"}").scopes())
        .containsExactly("tickets:api/comment:create", "tickets:api/ticket:update");
  }

  @Test
  void ceilingWhenPrincipalIsInNoGroupThenCommentsButDoesNotClose() {
    Explanation.Understood plain = comment("{\"text\":\"done\"}");
    Explanation.Understood closing = comment("{\"text\":\"done\",\"status\":\"closed\"}");

    assertThat(denial(plain)).isEmpty();
    assertThat(denial(closing)).map(Denial::reason).contains(DenyReason.CONDITION_NOT_MET);
    assertThat(denial(closing, "support")).isEmpty();
  }

  private Optional<Denial> denial(Explanation.Understood request, String... groups) {
    return RequestExplainer.denial(
        request, explainer.ceiling(request, "answering-agent", List.of(groups)));
  }
}
