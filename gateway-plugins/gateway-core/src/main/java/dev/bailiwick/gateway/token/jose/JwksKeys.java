// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetBasedJWKSource;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import dev.bailiwick.policy.Bundle;
import java.io.IOException;
import java.net.MalformedURLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer. Fetching, caching, the rate limit and outages are the JOSE library's;
 * this class keeps an immutable snapshot of what it last gave, so that a known key is found without
 * waiting and without a lock. Fetches run on a virtual thread, one at a time. Thread-safe.
 */
final class JwksKeys implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JwksKeys.class);

  /** A key is looked up by both: the algorithm belongs to the key (RFC 8725 §3.1). */
  record KeyName(String keyId, SignatureAlgorithm algorithm) {}

  /** What a look-up found. */
  sealed interface Lookup {
    record Found(VerificationKey key) implements Lookup {}

    /** The issuer does not publish such a key. */
    record Unknown() implements Lookup {}

    /** Nobody knows, because the issuer's keys cannot be had. */
    record Unavailable() implements Lookup {}
  }

  /**
   * @param refreshAt from when on it is renewed, while it is still used
   * @param liveUntil from when on it is not used any more
   */
  private record Snapshot(
      JWKSet set, Map<KeyName, VerificationKey> keys, Instant refreshAt, Instant liveUntil) {}

  private final String issuerName;
  private final JWKSetSource<SecurityContext> source;
  private final KeyFetching options;
  private final Clock clock;
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> running =
      new AtomicReference<>();
  private volatile @Nullable Snapshot snapshot;

  JwksKeys(Bundle.Issuer issuer, JwksHttp http, KeyFetching options, Clock clock) {
    this.issuerName = issuer.name();
    this.source = source(issuer, http, options);
    this.options = options;
    this.clock = clock;
  }

  private static JWKSetSource<SecurityContext> source(
      Bundle.Issuer issuer, JwksHttp http, KeyFetching options) {
    try {
      JWKSource<SecurityContext> built =
          JWKSourceBuilder.create(issuer.jwks().toURL(), http)
              .cache(options.keepFor().toMillis(), 3 * options.timeout().toMillis())
              .refreshAheadCache(false)
              .rateLimited(options.minInterval().toMillis())
              .retrying(true)
              .outageTolerant(options.outage().toMillis())
              .build();
      // The set source takes the time as an argument, which keeps our clock the only one.
      return ((JWKSetBasedJWKSource<SecurityContext>) built).getJWKSetSource();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("issuer " + issuer.name() + ": jwks is no URL", e);
    }
  }

  /** Finds a key; completes at once unless the issuer must be asked first. */
  CompletionStage<Lookup> find(KeyName name) {
    Instant now = clock.instant();
    Snapshot current = snapshot;
    if (current != null && now.isBefore(current.liveUntil)) {
      VerificationKey key = current.keys.get(name);
      if (key != null) {
        refreshIfDue(current, now);
        return CompletableFuture.completedFuture(new Lookup.Found(key));
      }
      return fetch(current).thenApply(done -> find(snapshot, name));
    }
    return fetch(null).thenApply(done -> find(snapshot, name));
  }

  private Lookup find(@Nullable Snapshot current, KeyName name) {
    if (current == null || !clock.instant().isBefore(current.liveUntil)) {
      return new Lookup.Unavailable();
    }
    VerificationKey key = current.keys.get(name);
    return key == null ? new Lookup.Unknown() : new Lookup.Found(key);
  }

  /** True while the issuer still publishes this very key. */
  boolean vouchesFor(KeyName name, VerificationKey key, Instant now) {
    Snapshot current = snapshot;
    if (current == null || !now.isBefore(current.liveUntil) || current.keys.get(name) != key) {
      return false;
    }
    refreshIfDue(current, now);
    return true;
  }

  private void refreshIfDue(Snapshot current, Instant now) {
    if (!now.isBefore(current.refreshAt) && running.get() == null) {
      var unused = fetch(null);
    }
  }

  /**
   * Asks the issuer, or joins whoever is asking. With {@code outdated} given, its set is known to
   * lack something and is fetched anew, as far as the rate limit allows.
   */
  private CompletableFuture<@Nullable Void> fetch(@Nullable Snapshot outdated) {
    CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> other = running.compareAndExchange(null, mine);
    if (other != null) {
      return other;
    }
    Thread.ofVirtual()
        .name("bailiwick-keys-" + issuerName)
        .start(
            () -> {
              try {
                load(outdated);
              } finally {
                running.set(null);
                mine.complete(null);
              }
            });
    return mine;
  }

  private void load(@Nullable Snapshot outdated) {
    Instant now = clock.instant();
    try {
      JWKSet set =
          source.getJWKSet(
              outdated == null
                  ? JWKSetCacheRefreshEvaluator.noRefresh()
                  : JWKSetCacheRefreshEvaluator.referenceComparison(outdated.set),
              now.toEpochMilli(),
              null);
      Instant refreshAt = now.plus(options.keepFor());
      snapshot = new Snapshot(set, compile(set), refreshAt, refreshAt.plus(options.minInterval()));
    } catch (RateLimitReachedException e) {
      // Unknown key ids can be made up by anybody, so this is no news.
      log.debug("keys of issuer {} were fetched moments ago", issuerName);
    } catch (KeySourceException e) {
      // The snapshot stays until its own time is over.
      log.warn("keys of issuer {} were not fetched: {}", issuerName, e.getMessage());
    } catch (RuntimeException e) {
      log.error("keys of issuer {} were not fetched", issuerName, e);
    }
  }

  private Map<KeyName, VerificationKey> compile(JWKSet set) {
    Map<KeyName, VerificationKey> keys = new HashMap<>();
    Set<KeyName> ambiguous = new HashSet<>();
    for (JWK jwk : set.getKeys()) {
      if (jwk.getKeyID() == null) {
        continue;
      }
      for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
        KeyName name = new KeyName(jwk.getKeyID(), algorithm);
        Optional<VerificationKey> key =
            keep(name, jwk).or(() -> VerificationKey.of(jwk, algorithm));
        if (key.isPresent() && keys.put(name, key.get()) != null) {
          ambiguous.add(name);
        }
      }
    }
    // Two keys under one id: neither can be meant.
    keys.keySet().removeAll(ambiguous);
    return Map.copyOf(keys);
  }

  /** A key that did not change stays the same object, which keeps verified tokens verified. */
  private Optional<VerificationKey> keep(KeyName name, JWK jwk) {
    Snapshot previous = snapshot;
    return previous == null
        ? Optional.empty()
        : Optional.ofNullable(previous.keys.get(name)).filter(key -> key.isOf(jwk));
  }

  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      log.debug("key source of issuer {} did not close", issuerName, e);
    }
  }
}
