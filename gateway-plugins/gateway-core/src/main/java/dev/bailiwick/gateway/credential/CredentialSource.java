// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialResult.Missing;
import dev.bailiwick.gateway.credential.CredentialResult.NeedsConsent;
import dev.bailiwick.gateway.credential.StoredCredential.Grant;
import dev.bailiwick.gateway.credential.StoredCredential.Refresh;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a live credential of one entry: reads the store, asks the token endpoint, stores a rotated
 * refresh token. Blocks. {@link #obtain} runs in one thread at a time; the rest is thread-safe.
 */
final class CredentialSource {

  /** What came of it. */
  sealed interface Obtained {

    record Live(LiveCredential credential) implements Obtained {}

    /** Nothing will change until the entry does. */
    record Broken(CredentialResult result) implements Obtained {}

    /**
     * The upstream refused a credential that is stored as it is sent. Not the same as broken: one
     * refused request must not take the credential away from all others.
     */
    record Unchanged(NeedsConsent result) implements Obtained {}

    /** Not this time. */
    record Failed(String sentence, @Nullable Duration retryAfter) implements Obtained {}
  }

  private static final Logger LOG = LoggerFactory.getLogger(CredentialSource.class);

  private final String name;
  private final CredentialStore store;
  private final TokenEndpoint endpoint;
  private final BrokerSettings settings;
  private final Clock clock;
  private volatile @Nullable String version;
  private volatile @Nullable Rotation rotation;
  private long generation;

  /** A rotated refresh token that is not in the store yet, so that its access token is not used. */
  private record Rotation(
      StoredEntry used, Refresh replacement, TokenAnswer.Granted grant, Instant obtained) {}

  CredentialSource(
      String name,
      CredentialStore store,
      TokenEndpoint endpoint,
      BrokerSettings settings,
      Clock clock) {
    this.name = name;
    this.store = store;
    this.endpoint = endpoint;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Obtains a credential.
   *
   * @param refused the one that the upstream refused; null when there is none
   */
  Obtained obtain(@Nullable LiveCredential refused) {
    try {
      Rotation pending = rotation;
      Optional<Obtained> kept = pending == null ? Optional.empty() : keep(pending);
      return kept.orElseGet(() -> obtain(refused, true));
    } catch (CredentialStoreException e) {
      return new Obtained.Failed(
          rotation == null
              ? unusable(e)
              : "the new refresh token of vault:" + name + " is not stored: " + e.getMessage(),
          null);
    }
  }

  /** Whether the store holds something else than what was obtained last. */
  boolean outdated() {
    return !Objects.equals(store.get(name).map(StoredEntry::version).orElse(null), version);
  }

  /** Whether a rotated refresh token still has to be stored. */
  boolean owesRotation() {
    return rotation != null;
  }

  /** A last try to store a rotated refresh token. */
  void close() {
    Rotation pending = rotation;
    if (pending != null) {
      try {
        Optional<Obtained> unused = keep(pending);
      } catch (CredentialStoreException e) {
        LOG.error(
            "credential vault:{}: the new refresh token is lost, obtain a new one: {}",
            name,
            e.getMessage());
      }
    }
  }

  static String unusable(CredentialStoreException e) {
    return "the credential store cannot be used: " + e.getMessage();
  }

  /**
   * @param again whether to start over once when the entry is replaced while it is used
   */
  private Obtained obtain(@Nullable LiveCredential refused, boolean again) {
    String before = version;
    StoredEntry entry = store.get(name).orElse(null);
    version = entry == null ? null : entry.version();
    if (entry == null) {
      return new Obtained.Broken(
          new Missing("there is no credential vault:" + name + " in the store"));
    }
    if (entry.credential() instanceof StoredCredential.Static stored) {
      return refused != null && entry.version().equals(before)
          ? unchanged()
          : new Obtained.Live(
              LiveCredential.stored(stored.credential(), ++generation, clock.instant()));
    }
    Grant grant = (Grant) entry.credential();
    Instant asked = clock.instant();
    return switch (endpoint.ask(grant)) {
      case TokenAnswer.Granted answer ->
          granted(entry, answer, asked).orElseGet(() -> overtaken(refused, again));
      case TokenAnswer.Refused answer ->
          isCurrent(entry) ? broken(grant, answer.sentence()) : overtaken(refused, again);
      case TokenAnswer.Failed answer ->
          new Obtained.Failed(sentence(grant, answer.sentence()), answer.retryAfter());
    };
  }

  /** Empty when a rotated refresh token came too late. */
  private Optional<Obtained> granted(StoredEntry entry, TokenAnswer.Granted answer, Instant asked) {
    if (entry.credential() instanceof Refresh refresh
        && answer.refreshToken() != null
        && !answer.refreshToken().equals(refresh.refreshToken())) {
      Refresh replacement = new Refresh(refresh.client(), answer.refreshToken());
      Rotation rotated = new Rotation(entry, replacement, answer, asked);
      rotation = rotated;
      return keep(rotated);
    }
    return Optional.of(
        new Obtained.Live(LiveCredential.granted(answer, ++generation, asked, settings)));
  }

  /** Stores a rotated refresh token, then lets its access token out; empty when too late. */
  private Optional<Obtained> keep(Rotation rotated) {
    Optional<StoredEntry> kept = store.replace(rotated.used(), rotated.replacement());
    rotation = null;
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    version = kept.get().version();
    LiveCredential live =
        LiveCredential.granted(rotated.grant(), ++generation, rotated.obtained(), settings);
    return live.usable(clock.instant()) ? Optional.of(new Obtained.Live(live)) : Optional.empty();
  }

  /** Another process rotated the entry or a person corrected it: what was answered is history. */
  private Obtained overtaken(@Nullable LiveCredential refused, boolean again) {
    return again
        ? obtain(refused, false)
        : new Obtained.Failed("the entry vault:" + name + " was replaced while it was used", null);
  }

  private boolean isCurrent(StoredEntry entry) {
    return store.get(name).filter(now -> now.version().equals(entry.version())).isPresent();
  }

  private Obtained broken(Grant grant, String what) {
    return new Obtained.Broken(
        new NeedsConsent(
            sentence(grant, what) + "; it is not asked again until the entry is stored anew"));
  }

  private Obtained unchanged() {
    return new Obtained.Unchanged(
        new NeedsConsent(
            "the upstream refused the stored credential vault:"
                + name
                + "; store a new one if it was changed there"));
  }

  private String sentence(Grant grant, String what) {
    return "the token endpoint " + grant.client().host() + " of vault:" + name + " " + what;
  }
}
