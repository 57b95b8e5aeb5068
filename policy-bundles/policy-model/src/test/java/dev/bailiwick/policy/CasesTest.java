// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bailiwick.policy.PolicyEvaluator.Answer;
import dev.bailiwick.policy.PolicyEvaluator.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CasesTest {
  private static final Path BUNDLE = Path.of("../bundles/support-triage.yaml");

  private static Bundle bundle;

  @BeforeAll
  static void readBundle() throws PolicyException {
    bundle = BundleReader.read(BUNDLE);
  }

  @Test
  void runWhenTheBundleAnswersAsExpectedThenPasses() throws PolicyException {
    CaseRunner.Result result =
        run(
            """
            - because: reading is fine
              agent: triage-agent
              operation: servicenow:table/incident:read
              fields: {readsAll: true}
              expect: allow
            """);

    assertThat(result.passed()).isTrue();
    assertThat(result.answer().outcome()).isEqualTo(Outcome.PERMITTED);
    assertThat(result.policyCase().line()).isEqualTo(1);
  }

  @Test
  void runWhenAllowIsExpectedButDeniedThenSaysWhyAndWhatIsMissing() throws PolicyException {
    CaseRunner.Result result =
        run(
            """
            - because: the agent closes incidents
              agent: triage-agent
              operation: servicenow:table/incident:delete
              expect: allow
            """);

    assertThat(result.passed()).isFalse();
    assertThat(result.sentence())
        .contains("expected allow", "the agent closes incidents", "agents.triage-agent.ceiling");
  }

  @Test
  void runWhenDenyIsExpectedButPermittedThenFails() throws PolicyException {
    CaseRunner.Result result =
        run(
            """
            - because: nobody reads
              agent: triage-agent
              operation: servicenow:table/incident:read
              expect: deny
            """);

    assertThat(result.passed()).isFalse();
    assertThat(result.sentence()).contains("expected deny", "is permitted to triage-agent");
  }

  @Test
  void runWhenDeniedByAnotherLineThanNamedThenFails() throws PolicyException {
    CaseRunner.Result result =
        run(
            """
            - because: it is denied by the condition
              agent: triage-agent
              operation: servicenow:table/incident:delete
              expect: deny
              rule: servicenow:table/incident:update
            """);

    assertThat(result.passed()).isFalse();
    assertThat(result.sentence()).contains("servicenow:table/incident:update to decide");
  }

  @Test
  void runWhenConditionLooksAtOperationThenTheCaseSuppliesIt() throws PolicyException {
    Bundle fieldwise =
        BundleReader.read(
            """
            apiVersion: bailiwick.dev/v1
            kind: PolicyBundle
            metadata: {name: b, version: 1}
            gateway: {externalUrl: https://gateway.example}
            issuers:
              i: {issuer: https://i.example, jwks: https://i.example/k, audience: a, proof: dpop}
            connectors:
              c: {adapter: servicenow, path: /c, upstream: https://c.example, credential: "vault:c"}
            agents:
              a:
                actor: {issuer: i, subject: a}
                ceiling:
                  - scope: c:table/*:update
                    when: "'state' in operation.fields && token.depth == 2
                      && request.method == 'PATCH' && operation.object == 'incident'"
            """,
            "b.yaml");
    String text =
        """
        - because: state is written
          agent: a
          operation: c:table/incident:update
          fields: {written: [state]}
          token: {depth: 2}
          request: {method: PATCH, path: /c}
          expect: allow
        """;

    List<PolicyCase> cases = CasesReader.read(text, "c.yaml", fieldwise);

    assertThat(CaseRunner.run(fieldwise, cases)).allMatch(CaseRunner.Result::passed);
  }

  @Test
  void readWhenCaseIsMistypedThenEveryProblemWithItsLine() {
    String text =
        """
        - because: ""
          agent: triage-agnet
          operation: servicenow:table/*:read
          expect: maybe
        - agent: triage-agent
          because: x
          operation: servicnow:table/incident:read
          fields: {reads: [a]}
          principal: {groups: {a: b}}
          expect: deny
          rule: nonsense
        """;

    PolicyException e =
        catchThrowableOfType(
            PolicyException.class, () -> CasesReader.read(text, "x.cases.yaml", bundle));

    assertThat(e.problems())
        .map(PolicyProblem::toString)
        .satisfiesExactly(
            p -> assertThat(p).startsWith("x.cases.yaml:1:12: [0].because: found \"\""),
            p -> assertThat(p).contains(":2:10: [0].agent: ", "did you mean \"triage-agent\"?"),
            p -> assertThat(p).contains(":3:14: [0].operation: an operation is one thing"),
            p ->
                assertThat(p)
                    .contains(":4:11: [0].expect: found \"maybe\"; expected allow or deny"),
            p -> assertThat(p).contains(":7:14: [1].operation: ", "did you mean \"servicenow\"?"),
            p -> assertThat(p).contains(":8:12: [1].fields.reads: ", "did you mean \"read\"?"),
            p -> assertThat(p).contains(":9:23: [1].principal.groups: found a mapping"),
            p ->
                assertThat(p)
                    .contains(":11:9: [1].rule: found \"nonsense\"; expected <connector>"));
  }

  @Test
  void readWhenTheKeyAgentIsMisspeltThenThatIsTheOnlyProblem() {
    String text =
        """
        - because: x
          agnt: triage-agent
          operation: servicenow:table/incident:read
          expect: allow
        """;

    PolicyException e =
        catchThrowableOfType(
            PolicyException.class, () -> CasesReader.read(text, "x.cases.yaml", bundle));

    assertThat(e.problems())
        .map(PolicyProblem::toString)
        .containsExactly(
            "x.cases.yaml:2:3: [0].agnt: unknown key \"agnt\"; did you mean \"agent\"?");
  }

  @Test
  void readWhenFileHoldsNoCaseThenProblem() {
    assertThatThrownBy(() -> CasesReader.read("[]", "x", bundle))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining("found an empty list");
    assertThatThrownBy(() -> CasesReader.read("{}", "x", bundle))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining("expected a list of cases");
  }

  @Test
  void casesOfWhenBundleIsNamedThenTheFileBesideIt() {
    assertThat(CasesReader.casesOf(BUNDLE))
        .isEqualTo(Path.of("../bundles/support-triage.cases.yaml"));
  }

  @Test
  void evaluateWhenAgentIsUnknownThenSaysSo() {
    Answer answer =
        new PolicyEvaluator(bundle)
            .evaluate(
                "triage-agents",
                new Attempt(
                    "servicenow",
                    "table",
                    "incident",
                    "read",
                    TouchedFields.none(),
                    AskedRows.unknown()),
                new Condition.Input(Map.of(), Map.of(), Map.of(), Map.of()));

    assertThat(answer.outcome()).isEqualTo(Outcome.UNKNOWN_AGENT);
    assertThat(answer.isPermitted()).isFalse();
    assertThat(answer.sentence()).contains("did you mean \"triage-agent\"?");
  }

  private static CaseRunner.Result run(String text) throws PolicyException {
    return CaseRunner.run(bundle, CasesReader.read(text, "x.cases.yaml", bundle)).getFirst();
  }
}
