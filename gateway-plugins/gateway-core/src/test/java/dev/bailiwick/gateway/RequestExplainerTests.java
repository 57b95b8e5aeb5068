// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.policy.PolicyEvaluator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestExplainerTests {
  private final WalkFixture fixture = new WalkFixture();
  private final RequestExplainer explainer = fixture.explainer();

  private Explanation explain(String method, String path, String body) {
    Headers headers =
        body.isEmpty()
            ? Headers.none()
            : Headers.none().with("Content-Length", String.valueOf(body.length()));
    return explainer.explain(
        WalkFixture.request(method, path, headers), body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void explainWhenRequestIsUnderstoodThenNamesConnectorPathAndScopes() {
    Explanation explanation = explain("GET", "/shop/lamp", "");

    assertThat(explanation)
        .isInstanceOfSatisfying(
            Explanation.Understood.class,
            understood -> {
              assertThat(understood.connector()).isEqualTo("shop");
              assertThat(understood.path()).isEqualTo("/shop/lamp");
              assertThat(understood.scopes()).containsExactly("shop:widget/lamp:read");
            });
  }

  @Test
  void explainWhenConnectorReadsTheBodyThenFieldsAreThere() {
    Explanation explanation = explain("PATCH", "/shop/lamp", "price");

    assertThat(explanation)
        .isInstanceOfSatisfying(
            Explanation.Understood.class,
            understood ->
                assertThat(understood.operations().getFirst().fields().written())
                    .containsExactly("price"));
  }

  /** The explainer and the walk must give the same reason and the same sentence. */
  @ParameterizedTest
  @CsvSource({
    "GET, /elsewhere/lamp, '', NO_ROUTE",
    "GET, /shop/../lamp, '', MALFORMED_TARGET",
    "GET, /shop/lamp/shade, '', OPERATION_UNKNOWN",
    "GET, /shop/lamp, body, BODY_MALFORMED",
    "BREW, /shop/lamp, '', METHOD_NOT_ALLOWED",
  })
  void explainWhenWalkDeniesThenDeniesAlike(
      String method, String path, String body, DenyReason reason) {
    Explanation explanation = explain(method, path, body);

    assertThat(explanation)
        .isInstanceOfSatisfying(
            Explanation.Denied.class,
            denied -> assertThat(denied.denial().reason()).isEqualTo(reason));
    fixture.walk(
        WalkFixture.request(
            method,
            path,
            body.isEmpty() ? Headers.none() : Headers.none().with("Content-Length", "4")),
        body.getBytes(StandardCharsets.UTF_8));
    assertThat(fixture.decision().toString()).contains(reason.name());
  }

  @Test
  void explainWhenBodyIsLongerThanTheBundlePermitsThenTooLarge() {
    Explanation explanation = explain("PATCH", "/shop/lamp", "p".repeat(2 * 1024 * 1024 + 1));

    assertThat(explanation)
        .isInstanceOfSatisfying(
            Explanation.Denied.class,
            denied -> assertThat(denied.denial().reason()).isEqualTo(DenyReason.BODY_TOO_LARGE));
  }

  @Test
  void explainWhenBodyIsLongerThanUsualAndTheConnectorPermitsItThenUnderstood() {
    Explanation explanation = explain("PATCH", "/shop/lamp", "p".repeat(1024 * 1024 + 1));

    assertThat(explanation).isInstanceOf(Explanation.Understood.class);
  }

  @ParameterizedTest
  @CsvSource({
    "lamp, price, buyer, '', PERMITTED,",
    "lamp, colour, buyer, '', FIELD_DENIED, FIELD_NOT_GRANTED",
    "sofa, price, buyer, '', CONDITION_NOT_MET, CONDITION_NOT_MET",
    "sofa, price, buyer, movers, PERMITTED,",
    "desk, price, buyer, movers, NO_SCOPE, SCOPE_ABOVE_CEILING",
    "lamp, price, byer, '', UNKNOWN_AGENT, AGENT_UNKNOWN",
  })
  void ceilingWhenAskedThenAnswersForEachOperation(
      String widget,
      String field,
      String agent,
      String group,
      PolicyEvaluator.Outcome outcome,
      DenyReason reason) {
    List<String> groups = group.isEmpty() ? List.of() : List.of(group);

    Explanation.Understood patch =
        (Explanation.Understood) explain("PATCH", "/shop/" + widget, field);

    List<PolicyEvaluator.Answer> answers = explainer.ceiling(patch, agent, groups);

    assertThat(answers).extracting(PolicyEvaluator.Answer::outcome).containsExactly(outcome);
    assertThat(RequestExplainer.denial(patch, answers))
        .map(Denial::reason)
        .isEqualTo(Optional.ofNullable(reason));
  }

  @ParameterizedTest
  @CsvSource({
    "/shop/shelf?limit=5, PERMITTED,",
    "/shop/shelf?limit=6, ROWS_DENIED, ROWS_NOT_GRANTED",
    "/shop/shelf, ROWS_DENIED, ROWS_NOT_GRANTED",
  })
  void ceilingWhenRowsAreLimitedThenAnswersByWhatIsAsked(
      String target, PolicyEvaluator.Outcome outcome, DenyReason reason) {
    Explanation.Understood get = (Explanation.Understood) explain("GET", target, "");

    List<PolicyEvaluator.Answer> answers = explainer.ceiling(get, "buyer", List.of());

    assertThat(answers).extracting(PolicyEvaluator.Answer::outcome).containsExactly(outcome);
    assertThat(RequestExplainer.denial(get, answers))
        .map(Denial::reason)
        .isEqualTo(Optional.ofNullable(reason));
  }
}
