// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.gateway.credential.CredentialBroker;
import dev.bailiwick.gateway.credential.UpstreamGate;
import dev.bailiwick.gateway.credential.UpstreamGuard;
import dev.bailiwick.gateway.handle.DeferredHandles;
import dev.bailiwick.gateway.handle.InMemoryHandles;
import dev.bailiwick.gateway.token.DpopNonces;
import dev.bailiwick.gateway.token.LocalReplayGuard;
import dev.bailiwick.gateway.token.ProofOfPossession;
import dev.bailiwick.gateway.token.ProofOptions;
import dev.bailiwick.gateway.token.ReplayGuard;
import dev.bailiwick.gateway.token.Revocations;
import dev.bailiwick.gateway.token.TokenVerifier;
import dev.bailiwick.gateway.token.jose.AccessTokenVerifier;
import dev.bailiwick.gateway.token.jose.PossessionVerifier;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The gateway core, put together from a bundle file and its surroundings. Thread-safe.
 *
 * <p>{@link #reload} compiles the file again and replaces everything that was made from it at once;
 * requests that are under way finish by the bundle that they began with. A file that does not
 * compile changes nothing.
 */
public final class Gateway implements GatewayPipeline {
  private static final Duration NONCE_PERIOD = Duration.ofMinutes(1);

  /**
   * What a gateway works with. The audit log is not closed with the gateway; the broker is.
   *
   * @param bundle the bundle file
   * @param credentials where live credentials come from
   * @param guard circuit breakers of the upstreams
   * @param audit where decisions are recorded
   * @param revocations what is no longer alive
   * @param meter hears what upstreams say about their limits
   * @param handles whose locators and jobs are whose
   */
  public record Parts(
      Path bundle,
      CredentialBroker credentials,
      UpstreamGuard guard,
      AuditLog audit,
      Revocations revocations,
      Clock clock,
      UpstreamMeter meter,
      DeferredHandles handles) {

    /** Parts without a meter, and with handles that this process keeps. */
    public Parts(
        Path bundle,
        CredentialBroker credentials,
        UpstreamGuard guard,
        AuditLog audit,
        Revocations revocations,
        Clock clock) {
      this(
          bundle,
          credentials,
          guard,
          audit,
          revocations,
          clock,
          UpstreamMeter.none(),
          InMemoryHandles.withDefaults(clock));
    }
  }

  private final Parts parts;
  private final Map<String, ConnectorAdapter> adapters;
  private final ReplayGuard replay;
  private final DpopNonces nonces;
  private final AtomicReference<GatewaySnapshot> snapshot;
  private final GatewayPipeline pipeline;

  private Gateway(Parts parts) throws PolicyException {
    this.parts = parts;
    this.adapters = ConnectorRoutes.adapters();
    this.replay = LocalReplayGuard.withDefaults(parts.clock());
    this.nonces = DpopNonces.random(NONCE_PERIOD, parts.clock());
    this.snapshot = new AtomicReference<>(compile(null));
    this.pipeline =
        new StandardGatewayPipeline(
            snapshot::get,
            parts.revocations(),
            parts.credentials(),
            UpstreamGate.create(parts.guard(), parts.clock()),
            parts.meter(),
            parts.handles(),
            new Evidence(parts.audit(), parts.clock()),
            parts.clock());
  }

  /**
   * Reads the bundle and opens a gateway.
   *
   * @throws PolicyException when the bundle does not compile, with every problem
   */
  public static Gateway open(Parts parts) throws PolicyException {
    return new Gateway(parts);
  }

  /**
   * Replaces the bundle by what the file holds now.
   *
   * @throws PolicyException when it does not compile; the bundle that is in force stays
   */
  public void reload() throws PolicyException {
    GatewaySnapshot before = snapshot.get();
    snapshot.set(compile(before));
  }

  /** The bundle that is in force. */
  public Bundle bundle() {
    return snapshot.get().bundle();
  }

  /** Why writes are denied at the moment, if they are: evidence cannot be kept. */
  public Optional<String> auditFailure() {
    return parts.audit().failure();
  }

  private GatewaySnapshot compile(@Nullable GatewaySnapshot before) throws PolicyException {
    Bundle bundle = BundleReader.read(parts.bundle());
    ConnectorRoutes routes = ConnectorRoutes.of(bundle, adapters);
    return new GatewaySnapshot(bundle, routes, verifier(bundle, before), proof(bundle));
  }

  /** The same issuers keep their verifier, with its keys and verified tokens. */
  private TokenVerifier verifier(Bundle bundle, @Nullable GatewaySnapshot before) {
    int maxTokenBytes = bundle.gateway().limits().maxTokenBytes();
    if (before != null
        && before.bundle().issuers().equals(bundle.issuers())
        && before.bundle().gateway().limits().maxTokenBytes() == maxTokenBytes) {
      return before.verifier();
    }
    return AccessTokenVerifier.create(
        List.copyOf(bundle.issuers().values()), maxTokenBytes, parts.clock());
  }

  private ProofOfPossession proof(Bundle bundle) {
    Bundle.Dpop dpop = bundle.gateway().dpop();
    ProofOptions options =
        new ProofOptions(
            dpop.window(),
            ProofOptions.defaults().maxAhead(),
            bundle.gateway().limits().maxProofBytes());
    return dpop.nonce()
        ? PossessionVerifier.create(options, replay, nonces, parts.clock())
        : PossessionVerifier.create(options, replay, parts.clock());
  }

  @Override
  public CompletionStage<Admission> admit(InboundRequest request) {
    return pipeline.admit(request);
  }

  @Override
  public CompletionStage<GatewayResponse> bodyTooLarge(Admission.Admitted admitted) {
    return pipeline.bodyTooLarge(admitted);
  }

  @Override
  public CompletionStage<Decision> decide(Admission.Admitted admitted, byte[] body) {
    return pipeline.decide(admitted, body);
  }

  @Override
  public CompletionStage<GatewayResponse> deny(InboundRequest request, Denial denial) {
    return pipeline.deny(request, denial);
  }

  @Override
  public CompletionStage<GatewayResponse> deny(Admission.Admitted admitted, Denial denial) {
    return pipeline.deny(admitted, denial);
  }

  @Override
  public void close() {
    pipeline.close();
  }
}
