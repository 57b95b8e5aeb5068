// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialResult.Missing;
import dev.bailiwick.gateway.credential.CredentialResult.Unavailable;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The {@link CredentialBroker} over a {@link CredentialStore}. References have the form {@code
 * vault:servicenow/acme}.
 *
 * <ul>
 *   <li>A live credential is answered from memory. Everything else happens on virtual threads, one
 *       renewal at a time per reference, and everybody who waits shares its result.
 *   <li>A credential in use is renewed before it expires. Where the vendor tells no lifetime it is
 *       good until {@link #renew} says otherwise.
 *   <li>A permanent error is answered without asking again until the entry is stored anew; after a
 *       passing one nothing is asked for a while.
 *   <li>A rotated refresh token is in the store before its access token is handed out. If it cannot
 *       be stored, it is kept and storing is tried again.
 *   <li>A changed entry takes effect within {@link BrokerSettings#storeCheck}. A store that cannot
 *       be read withdraws nothing that is live.
 * </ul>
 */
public final class StoredCredentialBroker implements CredentialBroker {
  private static final String SCHEME = "vault:";
  private static final Duration CLOSING_GRACE = Duration.ofSeconds(15);

  private final CredentialStore store;
  private final BrokerSettings settings;
  private final Clock clock;
  private final Executor threads =
      task -> Thread.ofVirtual().name("bailiwick-credential").start(task);
  private final TokenEndpoint endpoint;
  private final Thread watcher =
      Thread.ofVirtual().name("bailiwick-credential-watch").unstarted(this::watch);
  private final Map<String, CredentialSlot> slots = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private StoredCredentialBroker(CredentialStore store, BrokerSettings settings, Clock clock) {
    this.store = store;
    this.settings = settings;
    this.clock = clock;
    this.endpoint = new TokenEndpoint(settings.endpoint(), clock, threads);
  }

  /** A broker that runs until it is closed; the store stays the caller's. */
  public static StoredCredentialBroker create(
      CredentialStore store, BrokerSettings settings, Clock clock) {
    StoredCredentialBroker broker = new StoredCredentialBroker(store, settings, clock);
    broker.watcher.start();
    return broker;
  }

  @Override
  public CompletionStage<CredentialResult> credential(String reference) {
    return slot(reference).map(CredentialSlot::credential).orElseGet(() -> without(reference));
  }

  @Override
  public CompletionStage<CredentialResult> renew(String reference, long staleGeneration) {
    return slot(reference)
        .map(slot -> slot.renew(staleGeneration))
        .orElseGet(() -> without(reference));
  }

  /** Waits for renewals under way, so that a rotated refresh token is not lost. */
  @Override
  public void close() {
    closed = true;
    watcher.interrupt();
    CompletableFuture<?>[] renewals = underWay().toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(renewals).get(CLOSING_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Whoever still waits is told below, when the endpoint breaks off.
    }
    endpoint.close();
    slots.values().forEach(CredentialSlot::close);
  }

  /** Follows the store and starts the renewals that are due. */
  CompletableFuture<Void> check() {
    return CompletableFuture.allOf(
        slots.values().stream().map(CredentialSlot::check).toArray(CompletableFuture[]::new));
  }

  List<CompletableFuture<CredentialResult>> underWay() {
    return slots.values().stream().map(CredentialSlot::underWay).flatMap(Optional::stream).toList();
  }

  private void watch() {
    while (!closed) {
      try {
        Thread.sleep(settings.storeCheck());
      } catch (InterruptedException e) {
        return;
      }
      CompletableFuture<Void> unused = check();
    }
  }

  private Optional<CredentialSlot> slot(String reference) {
    if (closed) {
      return Optional.empty();
    }
    CredentialSlot known = slots.get(reference);
    if (known != null) {
      return Optional.of(known);
    }
    return name(reference).map(name -> slots.computeIfAbsent(reference, unused -> newSlot(name)));
  }

  private CredentialSlot newSlot(String name) {
    CredentialSource source = new CredentialSource(name, store, endpoint, settings, clock);
    return new CredentialSlot(name, source, settings, clock, threads);
  }

  private static Optional<String> name(String reference) {
    if (!reference.startsWith(SCHEME)) {
      return Optional.empty();
    }
    try {
      return Optional.of(CredentialJson.requireName(reference.substring(SCHEME.length())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private CompletionStage<CredentialResult> without(String reference) {
    return CompletableFuture.completedStage(
        closed
            ? new Unavailable("the gateway is shutting down", Duration.ofSeconds(1))
            : new Missing(
                "credential reference " + reference + ": expected vault: and an entry name"));
  }
}
