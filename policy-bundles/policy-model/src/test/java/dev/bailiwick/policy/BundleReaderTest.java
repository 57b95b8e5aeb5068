// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.CallLimits;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import dev.bailiwick.policy.Bundle.Dpop;
import dev.bailiwick.policy.Bundle.Gateway;
import dev.bailiwick.policy.Bundle.GrantClaim;
import dev.bailiwick.policy.Bundle.HostLimits;
import dev.bailiwick.policy.Bundle.Issuer;
import dev.bailiwick.policy.Bundle.Limits;
import dev.bailiwick.policy.Bundle.Metadata;
import dev.bailiwick.policy.Bundle.Proof;
import dev.bailiwick.policy.Bundle.SandboxRule;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BundleReaderTest {
  private static final Path CORPUS = Path.of("src/test/resources/bundles");
  private static final String PROBLEM = "# problem: ";

  static Stream<Path> badBundles() throws IOException {
    return bundles("bad");
  }

  static Stream<Path> goodBundles() throws IOException {
    return bundles("good");
  }

  private static Stream<Path> bundles(String folder) throws IOException {
    return Files.list(CORPUS.resolve(folder)).sorted();
  }

  @ParameterizedTest
  @MethodSource("badBundles")
  void readWhenTrapThenReportsExactlyTheProblemsInItsHeader(Path file) throws IOException {
    List<String> expected =
        Files.readAllLines(file).stream()
            .filter(line -> line.startsWith(PROBLEM))
            .map(line -> line.substring(PROBLEM.length()))
            .toList();

    PolicyException e = catchThrowableOfType(PolicyException.class, () -> BundleReader.read(file));

    assertThat(expected).isNotEmpty();
    assertThat(e).isNotNull();
    assertThat(e.problems())
        .map(problem -> problem.toString().substring(file.toString().length()))
        .map(problem -> problem.replaceFirst("^: ?", ""))
        .containsExactlyElementsOf(expected);
  }

  @Test
  void corpusHoldsAtLeastFortyTraps() throws IOException {
    assertThat(badBundles()).hasSizeGreaterThanOrEqualTo(40);
  }

  @ParameterizedTest
  @MethodSource("goodBundles")
  void readWhenGoodThenIsNamedLikeItsFile(Path file) throws PolicyException {
    Bundle bundle = BundleReader.read(file);

    assertThat(file.getFileName()).hasToString(bundle.metadata().name() + ".yaml");
  }

  @Test
  void readWhenOnlyRequiredKeysThenTheRestHasItsDefault() throws PolicyException {
    Bundle bundle = good("minimal");

    assertThat(bundle.metadata()).isEqualTo(new Metadata("minimal", 1));
    assertThat(bundle.gateway())
        .isEqualTo(
            new Gateway(URI.create("https://gateway.example"), Limits.defaults(), Dpop.defaults()));
    assertThat(bundle.issuers()).isEmpty();
    assertThat(bundle.connectors()).isEmpty();
    assertThat(bundle.agents()).isEmpty();
    assertThat(bundle.sandboxes()).isEmpty();
  }

  @Test
  void readWhenEveryKeyIsGivenThenEveryOneCounts() throws PolicyException {
    Bundle bundle = good("every-key");

    assertThat(bundle.id()).isEqualTo("every-key@42");
    assertThat(bundle.gateway())
        .isEqualTo(
            new Gateway(
                URI.create("https://gateway.example"),
                new Limits(4096, 2048, 8192, 10 * 1024 * 1024),
                new Dpop(true, Duration.ofMinutes(5))));
    assertThat(bundle.issuers().get("acme"))
        .isEqualTo(
            new Issuer(
                "acme",
                "https://login.example/realms/acme",
                URI.create("https://login.example/realms/acme/jwks"),
                "api://gateway",
                Proof.DPOP_OR_MTLS,
                GrantClaim.SCOPE,
                Duration.ofHours(1),
                8,
                Duration.ZERO,
                Map.of("task", "task_id", "session", "session_state", "groups", "roles")));
    assertThat(bundle.connectors().get("hr"))
        .isEqualTo(
            new ConnectorRule(
                "hr",
                "workday",
                "/hr/workday",
                URI.create("https://wd5.workday.example:8443"),
                "vault:workday/acme-prod",
                Map.of("tenant", "acme_prod", "maxRows", "500", "strict", "true"),
                Duration.ofMinutes(2),
                new CallLimits(OptionalInt.of(600), Duration.ofMinutes(1), 20),
                4 * 1024 * 1024));
    assertThat(bundle.sandboxes().get("onboarding"))
        .isEqualTo(
            new SandboxRule(
                "onboarding",
                Tier.LSM,
                List.of(
                    "gateway",
                    "192.0.2.10:8443",
                    "[2001:db8::1]:8443",
                    "127.0.0.1:9000",
                    "[::1]:9000"),
                List.of("/usr", "/lib", "/etc/ssl"),
                List.of("workspace", "/var/lib/agent"),
                Set.copyOf(Permit.words()),
                Map.of("LANG", "C.UTF-8", "GREETING", "two\nlines", "EMPTY", ""),
                new HostLimits(
                    OptionalInt.of(64),
                    OptionalLong.of(1L << 30),
                    OptionalInt.of(1024),
                    OptionalInt.of(150))));
  }

  @Test
  void readWhenEveryKeyIsGivenThenTheAgentIsCompiled() throws PolicyException {
    AgentRule agent = good("every-key").agents().get("onboarding");

    assertThat(agent.issuer()).isEqualTo("acme");
    assertThat(agent.subject()).isEqualTo("spiffe://acme/onboarding");
    assertThat(agent.actorIssuer()).contains("https://agents.example");
    assertThat(agent.delegation()).isEqualTo(new Bundle.Delegation(2, Duration.ofMinutes(5)));
    assertThat(agent.ceiling())
        .extracting(rule -> rule.scope().toString(), Bundle.CeilingRule::line)
        .containsExactly(tuple("hr:staffing/*:read", 33), tuple("hr:staffing/workers:update", 35));
    assertThat(agent.ceiling())
        .extracting(Bundle.CeilingRule::limits)
        .containsExactly(new Bundle.ReadLimits(OptionalInt.of(50)), Bundle.ReadLimits.none());
    assertThat(agent.ceiling().get(1).fields())
        .isEqualTo(new FieldRule(Set.of("manager", "location"), Set.of("salary")));
    assertThat(agent.ceiling().get(1).when().map(Condition::text))
        .contains("'hr' in principal.groups && token.depth <= 2");
    assertThat(agent.index().covering("hr", "staffing", "workers", "update"))
        .containsExactly(agent.ceiling().get(1));
  }

  @Test
  void readWhenDelegationIsLeftOutThenTheIssuersLimitsHold() throws PolicyException {
    AgentRule agent = good("neighbours").agents().get("first");

    assertThat(agent.delegation()).isEqualTo(new Bundle.Delegation(4, Duration.ofMinutes(15)));
    assertThat(agent.actorIssuer()).isEqualTo(Optional.empty());
  }

  @Test
  void readWhenSandboxIsBareThenItReachesTheGatewayOnly() throws PolicyException {
    SandboxRule sandbox = good("neighbours").sandboxes().get("first");

    assertThat(sandbox.tier()).isEqualTo(Tier.BASE);
    assertThat(sandbox.reach()).containsExactly("gateway");
    assertThat(sandbox.permit()).isEmpty();
    assertThat(sandbox.limits()).isEqualTo(HostLimits.none());
  }

  @Test
  void agentWhenSubjectIsTheSameThenTheIssuerTellsThemApart() throws PolicyException {
    Bundle bundle = good("neighbours");

    assertThat(bundle.agent("one", "same")).map(AgentRule::name).contains("first");
    assertThat(bundle.agent("two", "same")).map(AgentRule::name).contains("second");
    assertThat(bundle.agent("one", "Same")).isEmpty();
    assertThat(bundle.agent("three", "same")).isEmpty();
  }

  @Test
  void trustedIssuerWhenIssDiffersByASlashThenThereIsNone() throws PolicyException {
    Bundle bundle = good("neighbours");

    assertThat(bundle.trustedIssuer("https://login.example/two")).map(Issuer::name).contains("two");
    assertThat(bundle.trustedIssuer("https://login.example/two/")).isEmpty();
  }

  @Test
  void bundleWhenTwoAgentsAreOneActorThenRefused() throws PolicyException {
    Bundle bundle = good("neighbours");
    AgentRule agent = bundle.agents().get("first");

    assertThatThrownBy(
            () ->
                new Bundle(
                    bundle.metadata(),
                    bundle.gateway(),
                    bundle.issuers(),
                    bundle.connectors(),
                    Map.of("a", agent, "b", agent),
                    Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same actor");
  }

  @Test
  void readWhenFileIsMissingThenProblem(@TempDir Path folder) {
    assertProblem(() -> BundleReader.read(folder.resolve("none.yaml")), "there is no such file");
  }

  @Test
  void readWhenFileIsAFolderThenProblem(@TempDir Path folder) {
    assertProblem(() -> BundleReader.read(folder), "this is a directory");
  }

  @Test
  void readWhenFileIsNotUtf8ThenProblem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("latin1.yaml");
    Files.write(file, "name: Jos\u00e9".getBytes(StandardCharsets.ISO_8859_1));

    assertProblem(() -> BundleReader.read(file), "not UTF-8");
  }

  @Test
  void readWhenLargerThanOneMebibyteThenProblem(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.yaml");
    Files.writeString(file, "#".repeat((1 << 20) + 1));

    assertProblem(() -> BundleReader.read(file), "larger than 1 MiB");
    assertProblem(() -> BundleReader.read("#".repeat((1 << 20) + 1), "x"), "larger than 1 MiB");
  }

  @Test
  void readWhenEmptyThenProblem() {
    assertProblem(() -> BundleReader.read("", "x"), "the file is empty");
    assertProblem(() -> BundleReader.read("# nothing\n", "x"), "the file is empty");
  }

  @Test
  void readWhenControlCharacterThenProblemWithItsPlace() {
    PolicyException e =
        catchThrowableOfType(
            PolicyException.class, () -> BundleReader.read("a: 1\nb: x\u0007\n", "x"));

    assertThat(e.problems()).hasSize(1);
    assertThat(e.problems().getFirst().line()).isEqualTo(2);
    assertThat(e.problems().getFirst().column()).isEqualTo(5);
    assertThat(e.problems().getFirst().sentence()).contains("U+0007");
  }

  @Test
  void readWhenNestedAHundredThousandTimesThenProblem() {
    assertProblem(() -> BundleReader.read("[".repeat(100_000), "x"), "nested deeper");
    assertProblem(() -> BundleReader.read("{a: ".repeat(100_000), "x"), "nested deeper");
  }

  @Test
  void readWhenAliasesWouldExplodeThenProblem() {
    StringBuilder text = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      text.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    assertProblem(() -> BundleReader.read(text.toString(), "x"), "the alias *a28 is not followed");
  }

  @Test
  void readWhenEveryLineIsWrongThenEveryOneIsReported() {
    String text = "agents: {a: {ceiling: [" + "7, ".repeat(20_000) + "]}}";

    PolicyException e =
        catchThrowableOfType(PolicyException.class, () -> BundleReader.read(text, "x"));

    assertThat(e.problems()).hasSizeGreaterThan(20_000);
  }

  @Test
  void readWhenNumberIsEndlessThenProblem() {
    assertProblem(
        () -> BundleReader.read("metadata: {version: " + "9".repeat(1_000_000) + "}", "x"),
        "a number with more than 30 digits");
  }

  @Test
  void readWhenNameEndsWithALineBreakThenProblem() {
    assertProblem(
        () -> BundleReader.read("metadata: {name: \"a\\n\", version: 1}", "x"), "\"a\\u000a\"");
    assertProblem(
        () -> BundleReader.read("agents: {\"a\\n\": {ceiling: []}}", "x"), "control characters");
  }

  /** Whatever happens to a bundle, its reader answers with a bundle or with problems. */
  @Test
  void readWhenDamagedAtRandomThenNeverFailsOtherwise() throws IOException {
    String good = Files.readString(CORPUS.resolve("good/every-key.yaml"));
    Random random = new Random(20260923);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      String damaged = damage(good, random);
      try {
        assertThat(BundleReader.read(damaged, "x")).isNotNull();
      } catch (PolicyException e) {
        assertThat(e.problems()).isNotEmpty();
        assertThat(e.problems()).allSatisfy(problem -> assertThat(problem.sentence()).isNotBlank());
        refused++;
      }
    }

    assertThat(refused).isGreaterThan(400);
  }

  private static String damage(String text, Random random) {
    int from = random.nextInt(text.length());
    int to = Math.min(text.length(), from + random.nextInt(12));
    String[] pieces = {
      "", "\t", "\n", ": ", "- ", "[", "}", "\"", "&a ", "*a", "!x ", "null", "\0"
    };
    return switch (random.nextInt(4)) {
      case 0 -> text.substring(0, from);
      case 1 -> text.substring(0, from) + text.substring(to);
      case 2 -> text.substring(0, from) + text.substring(from, to).repeat(2) + text.substring(to);
      default ->
          text.substring(0, from) + pieces[random.nextInt(pieces.length)] + text.substring(to);
    };
  }

  private static void assertProblem(ThrowingCallable read, String sentence) {
    assertThatThrownBy(read).isInstanceOf(PolicyException.class).hasMessageContaining(sentence);
  }

  private static Bundle good(String name) throws PolicyException {
    return BundleReader.read(CORPUS.resolve("good").resolve(name + ".yaml"));
  }
}
