// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Credential;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A credential in the cache with the moments at which it is renewed and dropped. */
final class LiveCredential {
  private static final int REFRESH_SHARE = 4;
  private static final int EXPIRY_SHARE = 10;

  private final CredentialResult.Available result;
  private final CompletionStage<CredentialResult> answer;
  private final boolean renewable;
  private final Instant obtained;
  private final @Nullable Instant refresh;
  private final @Nullable Instant expiry;

  private LiveCredential(
      Credential credential,
      long generation,
      boolean renewable,
      Instant obtained,
      @Nullable Instant refresh,
      @Nullable Instant expiry) {
    this.result = new CredentialResult.Available(credential, generation);
    this.answer = CompletableFuture.completedStage(result);
    this.renewable = renewable;
    this.obtained = obtained;
    this.refresh = refresh;
    this.expiry = expiry;
  }

  /** One that is stored as it is sent. */
  static LiveCredential stored(Credential credential, long generation, Instant now) {
    return new LiveCredential(credential, generation, false, now, null, null);
  }

  /**
   * One that a token endpoint handed out.
   *
   * @param obtained before it was asked for, so that the way of the answer shortens the lifetime
   */
  static LiveCredential granted(
      TokenAnswer.Granted grant, long generation, Instant obtained, BrokerSettings settings) {
    Credential credential = new Credential.BearerToken(grant.accessToken());
    Duration lifetime = grant.lifetime();
    if (lifetime == null) {
      return new LiveCredential(credential, generation, true, obtained, null, null);
    }
    Instant end = obtained.plus(lifetime);
    return new LiveCredential(
        credential,
        generation,
        true,
        obtained,
        end.minus(least(settings.refreshMargin(), lifetime.dividedBy(REFRESH_SHARE))),
        end.minus(least(settings.expiryMargin(), lifetime.dividedBy(EXPIRY_SHARE))));
  }

  long generation() {
    return result.generation();
  }

  boolean renewable() {
    return renewable;
  }

  Instant obtained() {
    return obtained;
  }

  boolean usable(Instant now) {
    return expiry == null || now.isBefore(expiry);
  }

  boolean nearsExpiry(Instant now) {
    return refresh != null && !now.isBefore(refresh);
  }

  CredentialResult result() {
    return result;
  }

  /** The result as a stage that is shared by all callers. */
  CompletionStage<CredentialResult> answer() {
    return answer;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
