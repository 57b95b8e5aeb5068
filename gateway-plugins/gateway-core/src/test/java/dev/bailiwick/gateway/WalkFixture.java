// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import dev.bailiwick.gateway.credential.CredentialBroker;
import dev.bailiwick.gateway.credential.CredentialResult;
import dev.bailiwick.gateway.credential.UpstreamGate;
import dev.bailiwick.gateway.credential.UpstreamGuard;
import dev.bailiwick.gateway.handle.InMemoryHandles;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.Revocations;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.gateway.token.TokenVerdict;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.PolicyException;
import dev.bailiwick.policy.Scope;
import dev.bailiwick.policy.ScopeIndex;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A pipeline whose every port is a fake that a test can bend. */
final class WalkFixture {
  static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  static final String TOKEN = "tok-secret-value";

  static final String BUNDLE =
      """
      apiVersion: bailiwick.dev/v1
      kind: PolicyBundle
      metadata: {name: walk, version: 3}
      gateway: {externalUrl: https://gateway.example}
      issuers:
        acme:
          issuer: https://login.example
          jwks: https://login.example/jwks
          audience: https://gateway.example
          proof: dpop
      connectors:
        shop:
          adapter: fake
          path: /shop
          upstream: https://shop.example
          credential: vault:shop/main
          limits: {calls: 50, per: 24h, concurrent: 2, maxBodyBytes: 2MiB}
      agents:
        buyer:
          actor: {issuer: acme, subject: buyer}
          ceiling:
            - shop:widget/*:read
            - scope: shop:shelf/*:read
              limits: {rows: 5}
            - scope: shop:widget/lamp:update
              fields: {allow: [price]}
            - scope: shop:widget/sofa:update
              when: "'movers' in principal.groups"
          delegation: {maxDepth: 2, maxLifetime: 10m}
      """;

  final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private final UpstreamGate gate = UpstreamGate.create(new FakeGuard(), clock);
  final InMemoryHandles handles = InMemoryHandles.withDefaults(clock);
  final List<AuditRecord> records = new ArrayList<>();
  final List<String> renewals = new ArrayList<>();
  Optional<String> auditFailure = Optional.empty();
  boolean auditCrowded;
  int placesKept;
  int saidWithoutPlace;
  boolean appendFails;
  int abandoned;
  final List<String> usages = new ArrayList<>();
  final List<BodyLimits> bodyLimits = new ArrayList<>();
  int credentialsAsked;
  final List<String> verified = new ArrayList<>();
  final List<String> proofs = new ArrayList<>();
  Optional<Denial> revoked = Optional.empty();
  Optional<Denial> proofDenial = Optional.empty();
  TokenVerdict verdict = new TokenVerdict.Verified(token("shop:*/*:*"));
  CredentialResult credential = available(1);
  CredentialResult renewed = available(2);
  Optional<Duration> breakerOpen = Optional.empty();
  Inbound inbound = new Inbound.Relay(200, Headers.none(), Optional.empty());
  Throwable failing;
  String failingStep = "";

  static CredentialResult available(long generation) {
    return new CredentialResult.Available(
        new Credential.BearerToken(Secret.of("upstream-" + generation)), generation);
  }

  static AgentToken token(String... scopes) {
    return token(List.of(new Actor("https://login.example", "buyer")), List.of(), scopes);
  }

  static AgentToken token(List<Actor> actors, List<String> groups, String... scopes) {
    List<TokenGrant> grants =
        List.of(scopes).stream()
            .map(scope -> new TokenGrant(Scope.parse(scope), FieldRule.any()))
            .toList();
    return new AgentToken(
        bundle().issuers().get("acme"),
        "alice",
        actors,
        "task-1",
        Optional.empty(),
        "jti-1",
        Optional.empty(),
        Optional.of("client"),
        grants,
        ScopeIndex.of(grants, TokenGrant::scope),
        new Confirmation.DpopKey("thumb"),
        Map.of("groups", groups),
        NOW,
        Optional.empty(),
        NOW.plusSeconds(300));
  }

  static Bundle bundle() {
    try {
      return BundleReader.read(BUNDLE, "walk.yaml");
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  StandardGatewayPipeline pipeline() {
    try {
      Bundle bundle = bundle();
      GatewaySnapshot snapshot =
          new GatewaySnapshot(
              bundle,
              ConnectorRoutes.of(bundle, Map.of("fake", new FakeAdapter())),
              new FakeVerifier(),
              new FakeProof());
      return new StandardGatewayPipeline(
          () -> snapshot,
          new FakeRevocations(),
          new FakeBroker(),
          gate,
          (connector, usage) -> usages.add(connector + " " + usage),
          handles,
          new Evidence(new FakeLog(), clock),
          clock);
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  ConnectorRoutes routes(String bundle) {
    try {
      return ConnectorRoutes.of(
          BundleReader.read(bundle, "routes.yaml"), Map.of("fake", new FakeAdapter()));
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  RequestExplainer explainer() {
    try {
      return RequestExplainer.of(bundle(), Map.of("fake", new FakeAdapter()));
    } catch (PolicyException e) {
      throw new AssertionError(e);
    }
  }

  static InboundRequest get(String path) {
    return request("GET", path, Headers.none());
  }

  static InboundRequest request(String method, String path, Headers more) {
    List<Headers.Field> fields = new ArrayList<>(more.fields());
    fields.add(new Headers.Field("Authorization", "DPoP " + TOKEN));
    fields.add(new Headers.Field("DPoP", "proof"));
    int mark = path.indexOf('?');
    return new InboundRequest(
        method,
        mark < 0 ? path : path.substring(0, mark),
        mark < 0 ? null : path.substring(mark + 1),
        Headers.of(fields),
        Optional.empty(),
        "127.0.0.1");
  }

  Decision walk(InboundRequest request) {
    return walk(request, new byte[0]);
  }

  /** The whole walk up to the decision. */
  Decision walk(InboundRequest request, byte[] body) {
    StandardGatewayPipeline pipeline = pipeline();
    return switch (now(pipeline.admit(request))) {
      case Admission.Denied denied -> new Decision.Deny(denied.response());
      case Admission.Admitted admitted -> now(pipeline.decide(admitted, body));
    };
  }

  static Handle handle(String id) {
    return new Handle("page", id, Duration.ofHours(1));
  }

  /** An answer whose body hands out a handle: the body itself. */
  static Inbound handingOut() {
    return new Inbound.Relay(200, Headers.none(), Optional.of(HandingOut::new));
  }

  private static final class HandingOut implements BodyRewriter {
    private final List<Handle> found = new ArrayList<>();

    @Override
    public byte[] feed(byte[] piece, int offset, int length) {
      found.add(handle(new String(piece, offset, length, StandardCharsets.UTF_8)));
      return piece;
    }

    @Override
    public byte[] finish() {
      return new byte[0];
    }

    @Override
    public List<Handle> handles() {
      List<Handle> taken = List.copyOf(found);
      found.clear();
      return taken;
    }
  }

  static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().getNow(null);
  }

  AuditRecord.GatewayDecision decision() {
    return (AuditRecord.GatewayDecision) records.getLast();
  }

  private void step(String name) {
    if (failingStep.equals(name)) {
      if (failing instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failing;
    }
  }

  private final class FakeAdapter implements ConnectorAdapter {
    @Override
    public String name() {
      return "fake";
    }

    @Override
    public Connector connect(ConnectorSettings settings) {
      return new FakeConnector();
    }
  }

  /**
   * {@code /<widget>}: GET reads ({@code shelves} twice the rows of all shelves), PATCH updates the
   * fields named in the body. {@code /pages/<id>} goes on with what {@code id} stands for; {@code
   * /job} is of no use without a handle.
   */
  private final class FakeConnector implements Connector {
    @Override
    public Classification<VendorCall> classify(ConnectorRequest head) {
      step("classify");
      return head.method().equals("PATCH")
          ? Classification.reading(
              (body, limits) -> {
                bodyLimits.add(limits);
                return new FakeCall(head, updating(head, body));
              })
          : Classification.withoutBody(new FakeCall(head, reading(head)));
    }

    private static List<Operation> reading(ConnectorRequest head) {
      if (FakeCall.page(head).isPresent()) {
        return List.of();
      }
      if (widget(head).equals("shelf")) {
        return List.of(
            Operation.of("shelf", "all", Action.READ, FieldUse.all())
                .withRows(RowBound.parameter(head.target(), "limit")));
      }
      if (widget(head).equals("shelves")) {
        Operation shelf =
            Operation.of("shelf", "all", Action.READ, FieldUse.all())
                .withRows(RowBound.parameter(head.target(), "each"));
        return List.of(shelf.at("part[0]"), shelf.at("part[1]"));
      }
      return List.of(Operation.of("widget", widget(head), Action.READ, FieldUse.all()));
    }

    private static List<Operation> updating(ConnectorRequest head, byte[] body) {
      String field = new String(body, StandardCharsets.UTF_8);
      return List.of(
          new Operation(
              "widget",
              widget(head),
              Action.UPDATE,
              new FieldUse(Set.of(), Set.of(), Set.of(field), false),
              RowBound.none(),
              "part[0]"));
    }

    private static String widget(ConnectorRequest head) {
      if (head.target().segments().size() != 1) {
        throw MalformedRequestException.unknown("no such widget path");
      }
      return head.target().segments().getFirst();
    }

    @Override
    public Optional<LogIn> logIn(ConnectorRequest head) {
      step("logIn");
      return head.target().path().equals("/oauth/token")
          ? Optional.of(holder -> Map.of("instance_url", "https://gateway.example/shop"))
          : Optional.empty();
    }

    @Override
    public VendorError error(int status, String code, String sentence) {
      return new VendorError(
          "application/json", (code + " " + sentence).getBytes(StandardCharsets.UTF_8));
    }
  }

  private final class FakeCall implements VendorCall {
    private final ConnectorRequest head;
    private final List<Operation> operations;

    FakeCall(ConnectorRequest head, List<Operation> operations) {
      this.head = head;
      this.operations = operations;
    }

    @Override
    public List<Operation> operations() {
      step("operations");
      return operations;
    }

    static Optional<String> page(ConnectorRequest head) {
      List<String> path = head.target().segments();
      return path.size() == 2 && path.getFirst().equals("pages")
          ? Optional.of(path.getLast())
          : Optional.empty();
    }

    @Override
    public List<Handle> uses() {
      return page(head).map(WalkFixture::handle).stream().toList();
    }

    @Override
    public boolean needsHandle() {
      return head.target().path().equals("/job");
    }

    @Override
    public OutboundRequest outbound(Credential applied) {
      step("outbound");
      Headers headers =
          head.headers()
              .with(
                  "authorization", "Bearer " + ((Credential.BearerToken) applied).token().reveal());
      return new OutboundRequest(
          head.method(), head.target(), headers, Set.of("authorization"), Optional.empty());
    }

    @Override
    public Inbound inbound(int status, Headers answer) {
      step("inbound");
      return inbound;
    }
  }

  private final class FakeVerifier implements TokenVerifier {
    @Override
    public CompletionStage<TokenVerdict> verify(String compactToken) {
      step("verify");
      verified.add(compactToken);
      return CompletableFuture.completedStage(verdict);
    }

    @Override
    public void close() {}
  }

  private final class FakeProof implements ProofOfPossession {
    @Override
    public CompletionStage<TokenVerdict> prove(AgentToken token, Presented presented) {
      step("prove");
      proofs.add(presented.scheme() + " " + presented.compactToken() + " " + presented.target());
      return CompletableFuture.completedStage(
          proofDenial
              .<TokenVerdict>map(TokenVerdict.Denied::new)
              .orElseGet(() -> new TokenVerdict.Verified(token)));
    }

    @Override
    public Optional<String> nonce() {
      return Optional.of("nonce-1");
    }
  }

  private final class FakeRevocations implements Revocations {
    @Override
    public Optional<Denial> check(AgentToken token) {
      step("revocations");
      return revoked;
    }
  }

  private final class FakeBroker implements CredentialBroker {
    @Override
    public CompletionStage<CredentialResult> credential(String reference) {
      step("credential");
      credentialsAsked++;
      return CompletableFuture.completedStage(credential);
    }

    @Override
    public CompletionStage<CredentialResult> renew(String reference, long staleGeneration) {
      step("renew");
      renewals.add(reference + "#" + staleGeneration);
      return CompletableFuture.completedStage(renewed);
    }

    @Override
    public void close() {}
  }

  private final class FakeGuard implements UpstreamGuard {
    @Override
    public Optional<Duration> enter(String connector) {
      step("guard");
      return breakerOpen;
    }

    @Override
    public void answered(String connector, int status, Duration took) {}

    @Override
    public void abandoned(String connector) {
      abandoned++;
    }

    @Override
    public void failed(String connector, Duration took, Throwable cause) {}
  }

  private final class FakeLog implements AuditLog {
    @Override
    public CompletionStage<Receipt> append(AuditRecord record) {
      records.add(record);
      return appendFails
          ? CompletableFuture.failedStage(new dev.bailiwick.audit.AuditException("disk full"))
          : CompletableFuture.completedStage(new Receipt(records.size(), "00"));
    }

    @Override
    public CompletionStage<Place> place(int count) {
      if (auditCrowded) {
        return CompletableFuture.failedStage(new dev.bailiwick.audit.AuditException("no room"));
      }
      placesKept += count;
      return CompletableFuture.completedStage(new FakePlace(count));
    }

    /** What is said beyond the place that was kept is as wrong as a place that stays kept. */
    private final class FakePlace implements Place {
      private int left;

      FakePlace(int count) {
        left = count;
      }

      @Override
      public CompletionStage<Receipt> append(AuditRecord record) {
        if (left == 0) {
          saidWithoutPlace++;
        } else {
          left--;
          placesKept--;
        }
        return FakeLog.this.append(record);
      }

      @Override
      public void close() {
        placesKept -= left;
        left = 0;
      }
    }

    @Override
    public Optional<String> failure() {
      return auditFailure;
    }

    @Override
    public void close() {}
  }
}
