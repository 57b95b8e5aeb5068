// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.flatbuffers.FlatBufferBuilder;
import com.sun.net.httpserver.HttpServer;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.apisix.AnnouncedBodyContract;
import dev.bailiwick.contract.apisix.ApisixFront;
import dev.bailiwick.contract.apisix.ApisixRoute;
import dev.bailiwick.contract.apisix.DamagedFramesContract;
import dev.bailiwick.contract.apisix.Entry;
import dev.bailiwick.contract.apisix.ExtPluginClient;
import dev.bailiwick.contract.apisix.Frame;
import dev.bailiwick.contract.apisix.Http2Contract;
import dev.bailiwick.contract.apisix.PluginAnswer;
import dev.bailiwick.contract.apisix.PluginConf;
import dev.bailiwick.contract.apisix.PluginRequest;
import dev.bailiwick.contract.apisix.PluginResponse;
import dev.bailiwick.contract.apisix.WireConnection;
import dev.bailiwick.contract.gateway.AgentRequest;
import dev.bailiwick.contract.gateway.GatewayTestBed;
import dev.bailiwick.contract.gateway.RawHttp;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.OAuthClient;
import dev.bailiwick.gateway.credential.StoredCredential;
import dev.bailiwick.gateway.credential.VaultKey;
import io.github.api7.A6.PrepareConf.Req;
import io.github.api7.A6.PrepareConf.Resp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the stock runner gets wrong by itself, in one process with our filter and those of a team.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
final class GoldenCaseTests {
  private static final String TABLE = "/servicenow/api/now/table/incident";
  private static final Path OTHERS = Path.of("target", "test-classes", "other-filters");
  private static final Path CLASSES = Path.of("target", "test-classes");

  private static final int WAITING = 1000;

  private final CountDownLatch slowMayAnswer = new CountDownLatch(1);
  private final CountDownLatch slowWasAsked = new CountDownLatch(1);
  private GatewayTestBed bed;
  private HttpServer slow;
  private StockRunner runner;
  private ExtPluginClient client;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    bed = new GatewayTestBed(directory);
    letManyWait(bed.setup().bundle());
    slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    slow.createContext(
        "/token",
        exchange -> {
          slowWasAsked.countDown();
          await(slowMayAnswer);
          byte[] token =
              "{\"access_token\":\"slow-token\",\"token_type\":\"Bearer\",\"expires_in\":600}"
                  .getBytes(StandardCharsets.US_ASCII);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, token.length);
          exchange.getResponseBody().write(token);
          exchange.close();
        });
    slow.start();
    FileVault.open(bed.setup().vault(), VaultKey.ofFile(bed.setup().vaultKey()), Clock.systemUTC())
        .put(
            "servicenow/unset",
            new StoredCredential.ClientCredentials(
                new OAuthClient(
                    URI.create("http://127.0.0.1:" + slow.getAddress().getPort() + "/token"),
                    "client",
                    Secret.of("secret-of-the-slow-client"),
                    OAuthClient.Authentication.POST,
                    null,
                    Map.of())));
    runner =
        StockRunner.start(
            StockRunner.directory(), StockRunner.properties(bed.setup()), OTHERS, CLASSES);
    client = new ExtPluginClient(runner.socket());
  }

  @AfterAll
  void stop() {
    slowMayAnswer.countDown();
    client.close();
    runner.close();
    slow.stop(0);
    bed.close();
  }

  private static void letManyWait(Path bundle) throws IOException {
    String path = "    path: /unset\n";
    String text = Files.readString(bundle);
    assertThat(text).contains(path);
    Files.writeString(
        bundle, text.replace(path, path + "    limits: {concurrent: " + 2 * WAITING + "}\n"));
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private PluginConf conf() {
    return StockRunnerHost.conf("servicenow", bed.servicenow().origin());
  }

  private String value() {
    return StockRunnerHost.value("servicenow", bed.servicenow().origin());
  }

  private static PluginConf conf(Entry first, Entry... more) {
    List<Entry> filters = new ArrayList<>(List.of(first));
    filters.addAll(List.of(more));
    return new PluginConf(UUID.randomUUID().toString(), filters);
  }

  /** A request that is allowed when its operation is, as the printed route shows it. */
  private PluginRequest request(String method, String target, Entry... more) {
    return shown(bed.request(method, target), method, target, more);
  }

  private static PluginRequest shown(
      AgentRequest agent, String method, String target, Entry... more) {
    List<Entry> headers = new ArrayList<>();
    headers.add(new Entry("host", "gateway.contract.example"));
    headers.add(new Entry("authorization", "DPoP " + agent.token()));
    headers.add(new Entry("dpop", agent.proof()));
    headers.add(new Entry("x-bailiwick-target", target));
    headers.add(new Entry("x-bailiwick-request", UUID.randomUUID().toString()));
    headers.add(new Entry("x-bailiwick-protocol", "HTTP/1.1"));
    headers.addAll(List.of(more));
    int question = target.indexOf('?');
    return PluginRequest.of(method, question < 0 ? target : target.substring(0, question), headers);
  }

  private static void assertFailed(PluginAnswer answer) {
    assertThat(answer).isInstanceOf(PluginAnswer.Failed.class);
  }

  private static PluginAnswer.Rewrite assertAllowed(PluginAnswer answer) {
    assertThat(answer).isInstanceOf(PluginAnswer.Rewrite.class);
    return (PluginAnswer.Rewrite) answer;
  }

  private static void assertDenied(PluginAnswer answer, int status, String code) {
    assertThat(answer).isInstanceOf(PluginAnswer.Stop.class);
    PluginAnswer.Stop stop = (PluginAnswer.Stop) answer;
    assertThat(Entry.first(stop.headers(), "x-bailiwick-code")).contains(code);
    assertThat(stop.status()).isEqualTo(status);
  }

  @Test
  void requestWhenAllowedThenNothingOfTheAgentIsLeftAndNothingWasAsked() {
    long questions = client.questions();

    PluginAnswer.Rewrite rewrite =
        assertAllowed(
            client.request(
                conf(),
                request("GET", TABLE, new Entry("cookie", "mine"), new Entry("x-team", "2"))));

    assertThat(rewrite.path()).isEqualTo("/api/now/table/incident");
    assertThat(Entry.first(rewrite.headers(), "authorization").orElse("")).startsWith("Bearer ");
    assertThat(Entry.first(rewrite.headers(), "host"))
        .contains(bed.servicenow().origin().getAuthority());
    for (String gone : List.of("dpop", "cookie", "x-bailiwick-target", "x-bailiwick-request")) {
      assertThat(rewrite.headers()).contains(new Entry(gone, null));
    }
    assertThat(Entry.first(rewrite.responseHeaders(), "x-correlation-id")).isPresent();
    assertThat(client.questions()).isEqualTo(questions);
  }

  @Test
  void requestWhenBodyMattersThenItIsAskedForOnce() {
    long questions = client.questions();
    byte[] body = "{\"state\":\"2\",\"work_notes\":\"ü\"}".getBytes(StandardCharsets.UTF_8);
    String target = TABLE + "/" + bed.servicenow().incident("INC0010001");

    assertAllowed(
        client.request(
            conf(),
            request(
                    "PATCH",
                    target,
                    new Entry("content-type", "application/json"),
                    new Entry("content-length", String.valueOf(body.length)))
                .withBody(() -> body)));

    assertThat(client.questions()).isEqualTo(questions + 1);
  }

  @Test
  void requestWhenFilterNameIsUnknownThenFails() {
    assertFailed(client.request(conf(new Entry("bailiwik", value())), request("GET", TABLE)));
    assertFailed(
        client.request(
            conf(new Entry("bailiwick", value()), new Entry("absent", "")), request("GET", TABLE)));
  }

  @Test
  void requestWhenConfNamesNoFilterThenFails() {
    PluginConf empty = new PluginConf("empty", List.of());

    assertFailed(client.request(empty, request("GET", TABLE)));
  }

  @Test
  void requestWhenAnotherFilterStandsBesideOursThenFails() {
    PluginRequest denied = request("GET", "/servicenow/api/now/table/problem");
    Entry ours = new Entry("bailiwick", value());
    Entry setter = new Entry("set-header", "");

    assertDenied(client.request(conf(), denied), 403, "SCOPE_NOT_GRANTED");
    assertFailed(client.request(conf(ours, setter), denied));
    assertFailed(client.request(conf(setter, ours), denied));
    assertFailed(client.request(conf(ours, ours), denied));
  }

  @Test
  void requestWhenRouteIsAnotherTeamsThenItsFiltersRunAsBefore() {
    PluginAnswer.Rewrite rewrite =
        assertAllowed(client.request(conf(new Entry("set-header", "")), request("GET", "/x")));

    assertThat(rewrite.headers()).containsExactly(new Entry("X-Team", "1"));
  }

  @Test
  void requestWhenFilterThrowsThenFails() {
    assertFailed(client.request(conf(new Entry("throw", "")), request("GET", TABLE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"connector\":\"servicenow\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"nowhere\",\"target\":\"header\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"http://127.0.0.1\"}",
        "{\"connector\":\"servicenow\",\"connector\":\"x\",\"upstream\":\"http://127.0.0.1\","
            + "\"target\":\"header\"}",
        "{\"connector\":\"servicenow\",\"upstream\":\"http://127.0.0.1\",\"target\":\"header\","
            + "\"allow\":true}"
      })
  void requestWhenConfIsWrongThenFails(String value) {
    assertFailed(client.request(conf(new Entry("bailiwick", value)), request("GET", TABLE)));
  }

  @Test
  void requestWhenRouteLeadsElsewhereThenDenies() {
    URI elsewhere = URI.create("http://127.0.0.1:9");

    assertDenied(
        client.request(
            conf(new Entry("bailiwick", StockRunnerHost.value("servicenow", elsewhere))),
            request("GET", TABLE)),
        500,
        "INTERNAL");
    assertDenied(
        client.request(
            PluginConf.of(
                "other-connector",
                "bailiwick",
                StockRunnerHost.value("fragile", bed.servicenow().origin())),
            request("GET", TABLE)),
        500,
        "INTERNAL");
  }

  @Test
  void requestWhenAgentTellsTheTargetByItselfThenDenies() {
    PluginRequest told = request("GET", TABLE);

    PluginAnswer answer =
        client.request(
            conf(),
            new PluginRequest(
                "GET",
                "/servicenow/api/now/table/problem",
                told.arguments(),
                told.headers(),
                told.source(),
                told.body(),
                told.variables()));

    assertDenied(answer, 500, "INTERNAL");
  }

  @Test
  void requestWhenArgumentIsRepeatedThenDenies() {
    assertDenied(
        client.request(conf(), request("GET", TABLE + "?sysparm_limit=1&sysparm_limit=2")),
        403,
        "OPERATION_UNKNOWN");
  }

  @Test
  void requestWhenApisixHoldsOtherArgumentsThenOnlyTheDecidedOnesStay() {
    PluginAnswer.Rewrite rewrite =
        assertAllowed(
            client.request(
                conf(),
                request("GET", TABLE + "?sysparm_limit=2")
                    .withArguments(
                        List.of(
                            new Entry("sysparm_limit", "2"),
                            new Entry("sysparm_limit", "900"),
                            new Entry("smuggled", null)))));

    assertThat(rewrite.arguments())
        .containsExactly(new Entry("sysparm_limit", "2"), new Entry("smuggled", null));
  }

  @Test
  void requestWhenHeaderIsRepeatedThenDenies() {
    AgentRequest agent = bed.request("GET", TABLE);

    assertDenied(
        client.request(conf(), shown(agent, "GET", TABLE, new Entry("dpop", agent.proof()))),
        400,
        "AMBIGUOUS_HEADER");
    assertDenied(
        client.request(
            conf(),
            request(
                "GET", TABLE, new Entry("Content-Type", "a/b"), new Entry("content-type", "a/c"))),
        400,
        "AMBIGUOUS_HEADER");
  }

  @Test
  void requestWhenSomeHeadersMayBeHiddenThenDenies() {
    Entry[] many = new Entry[95];
    Arrays.fill(many, new Entry("x-padding", "1"));

    assertDenied(client.request(conf(), request("GET", TABLE, many)), 431, "HEADER_TOO_LARGE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/servicenow/api/now/table%2fincident",
        "/servicenow/api/now/table%252fincident",
        "/servicenow/api/now/table/incident;v=1",
        "/servicenow//api/now/table/incident",
        "/servicenow/api/now/table/../table/incident",
        "/servicenow/api/now/table/%2e%2e/table/incident",
        "/servicenow/api/now/table/incident%00",
        "/servicenow/api/now/table/%69ncident"
      })
  void requestWhenTargetHasTwoReadingsThenDenies(String target) {
    assertDenied(client.request(conf(), request("GET", target)), 400, "MALFORMED_TARGET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONS", "PROPFIND", "MKCOL", "TRACE"})
  void requestWhenMethodIsNotOneOfOursThenDenies(String method) {
    assertDenied(client.request(conf(), request(method, TABLE)), 405, "METHOD_NOT_ALLOWED");
  }

  @Test
  void requestWhenBodyIsLongerThanAFrameThenFails() {
    byte[] body = new byte[Frame.MAX_PAYLOAD + 1];

    assertFailed(client.request(conf(), patch().withBody(() -> body)));
  }

  @Test
  void requestWhenBodyIsLongerThanTheLimitThenDenies() {
    byte[] body = new byte[100_000];

    assertDenied(client.request(conf(), patch().withBody(() -> body)), 413, "BODY_TOO_LARGE");
  }

  private PluginRequest patch() {
    return request(
        "PATCH",
        TABLE + "/" + bed.servicenow().incident("INC0010001"),
        new Entry("content-type", "application/json"),
        new Entry("transfer-encoding", "chunked"));
  }

  @Test
  void requestWhenPeerHasAnIpv6AddressThenItIsRecorded() throws IOException {
    PluginRequest request = request("GET", "/servicenow/api/now/table/problem");

    PluginAnswer answer =
        client.request(
            conf(),
            new PluginRequest(
                request.method(),
                request.path(),
                request.arguments(),
                request.headers(),
                InetAddress.getByName("2001:db8::7"),
                request.body(),
                request.variables()));

    assertDenied(answer, 403, "SCOPE_NOT_GRANTED");
    String id =
        Entry.first(((PluginAnswer.Stop) answer).headers(), "x-correlation-id").orElseThrow();
    assertThat(bed.trail().await(id, "SCOPE_NOT_GRANTED")).contains("2001:db8:0:0:0:0:0:7");
  }

  @Test
  void responseWhenOursIsNamedThenFails() {
    assertFailed(
        client.response(conf(), new PluginResponse(200, List.of(), new byte[0], Map.of())));
  }

  @Test
  void prepareWhenAskedTwiceThenEachTokenIsToldOnce() throws IOException {
    try (WireConnection connection =
        WireConnection.connect(runner.socket(), Duration.ofSeconds(10))) {
      connection.send(prepare(value()));
      long first = token(connection.receive());
      connection.send(prepare(value()));
      long second = token(connection.receive());

      assertThat(second).isNotEqualTo(first);
    }
  }

  @Test
  void requestWhenTokenIsUnknownThenApisixIsToldToAskAgain() throws IOException {
    try (WireConnection connection =
        WireConnection.connect(runner.socket(), Duration.ofSeconds(10))) {
      FlatBufferBuilder builder = new FlatBufferBuilder(64);
      int source =
          io.github.api7.A6.HTTPReqCall.Req.createSrcIpVector(builder, new byte[] {127, 0, 0, 1});
      builder.finish(
          io.github.api7.A6.HTTPReqCall.Req.createReq(builder, 1, source, 0, 0, 0, 0, 0x7fff_fffe));
      connection.send(new Frame(Frame.REQUEST_CALL, builder.sizedByteArray()));

      Frame answer = connection.receive();
      assertThat(answer.type()).isEqualTo(Frame.ERROR);
      assertThat(io.github.api7.A6.Err.Resp.getRootAsResp(ByteBuffer.wrap(answer.payload())).code())
          .isEqualTo(io.github.api7.A6.Err.Code.CONF_TOKEN_NOT_FOUND);
    }
  }

  @Test
  void requestWhenFrameIsGarbageThenFailsAndTheConnectionGoesOn() throws IOException {
    try (WireConnection connection =
        WireConnection.connect(runner.socket(), Duration.ofSeconds(10))) {
      for (int type : new int[] {Frame.PREPARE_CONF, Frame.REQUEST_CALL}) {
        connection.send(new Frame(type, new byte[] {-1, -1, -1, 127, 0, 1}));
        assertThat(connection.receive().type()).isEqualTo(Frame.ERROR);
      }
      connection.send(prepare(value()));
      assertThat(connection.receive().type()).isEqualTo(Frame.PREPARE_CONF);
    }
  }

  private static Frame prepare(String value) {
    FlatBufferBuilder builder = new FlatBufferBuilder(256);
    int entry =
        io.github.api7.A6.TextEntry.createTextEntry(
            builder, builder.createString("bailiwick"), builder.createString(value));
    builder.finish(Req.createReq(builder, Req.createConfVector(builder, new int[] {entry}), 0));
    return new Frame(Frame.PREPARE_CONF, builder.sizedByteArray());
  }

  private static long token(Frame frame) {
    assertThat(frame.type()).isEqualTo(Frame.PREPARE_CONF);
    return Resp.getRootAsResp(ByteBuffer.wrap(frame.payload())).confToken();
  }

  /** More calls wait than the runner has threads; the others are served meanwhile. */
  @Test
  void requestWhenAVaultIsSlowThenOthersAreNotHeldUp() throws Exception {
    PluginConf slowRoute = StockRunnerHost.conf("unset", bed.servicenow().origin());
    String target = "/unset/api/now/table/incident";
    try (ExecutorService agents = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<PluginAnswer>> waiting = new ArrayList<>();
      int threads = runner.threads();
      for (int i = 0; i < WAITING; i++) {
        AgentRequest agent =
            bed.request("GET", target).token(draft -> draft.grant("unset:table/incident:read"));
        PluginRequest request = shown(agent, "GET", target);
        waiting.add(agents.submit(() -> client.request(slowRoute, request)));
      }
      await(slowWasAsked);

      for (int i = 0; i < 16; i++) {
        assertAllowed(client.request(conf(), request("GET", TABLE)));
      }

      assertThat(waiting).noneMatch(Future::isDone);
      assertThat(runner.threads())
          .as("platform threads while %d calls wait", WAITING)
          .isLessThan(threads + 40);
      slowMayAnswer.countDown();
      for (Future<PluginAnswer> call : waiting) {
        assertAllowed(call.get(30, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void sendWhenRunnerIsDownThenNothingPassesUnlessTheRouteSaysSo() throws IOException {
    Path nowhere = StockRunner.directory().resolve("no.sock");
    ApisixRoute route = ApisixRoute.of("/servicenow", bed.servicenow().origin(), conf());
    bed.calm();
    try (ApisixFront front = ApisixFront.start(nowhere, List.of(route))) {
      RawHttp.Response response = RawHttp.exchange(front.port(), bed.request("GET", TABLE).bytes());

      assertThat(response.status()).isEqualTo(503);
      assertThat(bed.servicenow().apiRequests()).isEmpty();
    }
  }

  @Test
  void startWhenASettingIsMissingThenSaysWhich() throws IOException {
    Path directory = StockRunner.directory();

    try (StockRunner unset = StockRunner.launch(directory, List.of())) {
      assertThat(unset.awaitEnd()).isNotZero();
      assertThat(unset.log()).contains("Bailiwick: bailiwick.bundle is not set");
      assertThat(unset.log()).doesNotContain("\tat ");
    }
  }

  @Test
  void startWhenBundleDoesNotCompileThenSaysWhere(@TempDir Path files) throws IOException {
    Path bundle = files.resolve("bundle.yaml");
    Files.writeString(bundle, "apiVersion: bailiwick.dev/v1\nkind: Nonsense\n");
    List<String> properties = new ArrayList<>(StockRunner.properties(bed.setup()));
    properties.set(0, "bailiwick.bundle=" + bundle);
    properties.set(3, "bailiwick.audit.directory=" + files.resolve("audit"));

    try (StockRunner broken = StockRunner.launch(StockRunner.directory(), properties)) {
      assertThat(broken.awaitEnd()).isNotZero();
      assertThat(broken.log()).contains("bundle.yaml:2").doesNotContain("\tat ");
    }
  }

  /** What the runner does without ours, and what happens to a token that it has lost. */
  @Test
  void requestWhenRunnerIsReplacedThenTokensAreAskedForAgainAndWhenKilledThenFails()
      throws IOException {
    Path directory = StockRunner.directory();
    Entry unknown = new Entry("bailiwik", value());
    try (ExtPluginClient apisix = new ExtPluginClient(directory.resolve("runner.sock"))) {
      try (StockRunner bare = StockRunner.startBare(directory)) {
        assertThat(apisix.request(conf(unknown), request("GET", TABLE)))
            .as("the stock runner by itself lets it pass")
            .isInstanceOf(PluginAnswer.Unchanged.class);
        try (WireConnection connection =
            WireConnection.connect(bare.socket(), Duration.ofSeconds(10))) {
          connection.send(prepare(value()));
          long first = token(connection.receive());
          assertThat(token(connection.receive())).as("and tells twice").isEqualTo(first);
        }
        assertThat(apisix.request(conf(), request("GET", TABLE)))
            .isInstanceOf(PluginAnswer.Unchanged.class);
      }
      List<String> properties = new ArrayList<>(StockRunner.properties(bed.setup()));
      properties.add("bailiwick.node=second");
      try (StockRunner second = StockRunner.start(directory, properties)) {
        assertThat(second.socket()).exists();
        long before = apisix.preparations();

        assertAllowed(apisix.request(conf(), request("GET", TABLE)));
        assertThat(apisix.preparations()).isEqualTo(before + 1);

        assertFailed(apisix.request(conf(), patch().withBody(second::kill)));
      }
    }
  }

  @Nested
  final class Bodies extends AnnouncedBodyContract {
    @Override
    protected ExtPluginClient client() {
      return client;
    }

    @Override
    protected GatewayTestBed bed() {
      return bed;
    }
  }

  @Nested
  final class Frames extends DamagedFramesContract {
    @Override
    protected ExtPluginClient client() {
      return client;
    }

    @Override
    protected GatewayTestBed bed() {
      return bed;
    }

    @Override
    protected Path socket() {
      return runner.socket();
    }
  }

  @Nested
  final class BehindNginx extends Http2Contract {
    @Override
    protected ExtPluginClient client() {
      return client;
    }

    @Override
    protected GatewayTestBed bed() {
      return bed;
    }
  }
}
