// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.NAME;
import static dev.bailiwick.gateway.credential.CredentialFixtures.REFERENCE;
import static dev.bailiwick.gateway.credential.CredentialFixtures.SETTINGS;
import static dev.bailiwick.gateway.credential.CredentialFixtures.now;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.json;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialResult.Available;
import dev.bailiwick.gateway.credential.CredentialResult.Missing;
import dev.bailiwick.gateway.credential.CredentialResult.NeedsConsent;
import dev.bailiwick.gateway.credential.CredentialResult.Unavailable;
import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StoredCredentialBrokerTest {
  private static final int CALLERS = 200;
  private static final String NO_EXPIRY = "{\"access_token\":\"t-1\",\"token_type\":\"Bearer\"}";

  private final FakeClock clock = new FakeClock();
  private final FakeCredentialStore store = new FakeCredentialStore(clock);
  private final FakeTokenEndpoint endpoint = new FakeTokenEndpoint();
  private final StoredCredentialBroker broker =
      StoredCredentialBroker.create(store, SETTINGS, clock);

  @AfterEach
  void close() {
    broker.close();
    endpoint.close();
  }

  @Nested
  class Stored {

    @Test
    void credentialWhenBasicThenAsStored() {
      store.put(NAME, new StoredCredential.Basic("svc", Secret.of("hunter2-hunter2")));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result)
          .isEqualTo(
              new Available(new Credential.BasicPair("svc", Secret.of("hunter2-hunter2")), 1));
    }

    @Test
    void credentialWhenApiKeyThenAsStored() {
      store.put(NAME, apiKey("k-1"));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result)
          .isEqualTo(new Available(new Credential.ApiKey("x-sn-apikey", Secret.of("k-1")), 1));
    }

    @Test
    void credentialWhenNoEntryThenMissing() {
      assertThat(now(broker.credential(REFERENCE)))
          .isEqualTo(new Missing("there is no credential vault:servicenow/acme in the store"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "vault:", "env:PASSWORD", "vault:../x", "VAULT:servicenow/acme"})
    void credentialWhenReferenceIsNoneThenMissing(String reference) {
      assertThat(now(broker.credential(reference))).isInstanceOf(Missing.class);
      assertThat(now(broker.renew(reference, 1))).isInstanceOf(Missing.class);
    }

    @Test
    void credentialWhenCachedThenCompletesAtOnce() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));

      CompletableFuture<CredentialResult> second =
          broker.credential(REFERENCE).toCompletableFuture();

      assertThat(second).isDone();
    }

    @Test
    void renewWhenEntryIsUnchangedThenNeedsConsentAndStillServesOthers() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));

      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      assertThat(renewed).isInstanceOf(NeedsConsent.class);
      assertThat(generation(now(broker.credential(REFERENCE)))).isEqualTo(1);
    }

    @Test
    void renewWhenEntryChangedThenTheNewOne() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));
      store.put(NAME, apiKey("k-2"));

      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      assertThat(renewed)
          .isEqualTo(new Available(new Credential.ApiKey("x-sn-apikey", Secret.of("k-2")), 2));
    }
  }

  @Nested
  class StoreChanges {

    @Test
    void checkWhenEntryIsAddedThenAvailable() {
      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Missing.class);
      store.put(NAME, apiKey("k-1"));

      check();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Available.class);
    }

    @Test
    void checkWhenEntryIsReplacedThenTheNewOneUnderANewGeneration() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));
      store.put(NAME, apiKey("k-2"));

      check();

      assertThat(now(broker.credential(REFERENCE)))
          .isEqualTo(new Available(new Credential.ApiKey("x-sn-apikey", Secret.of("k-2")), 2));
    }

    @Test
    void checkWhenEntryIsRemovedThenMissing() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));
      store.remove(NAME);

      check();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Missing.class);
    }

    @Test
    void checkWhenNothingChangedThenSameGeneration() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));

      check();

      assertThat(generation(now(broker.credential(REFERENCE)))).isEqualTo(1);
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void checkWhenStoreFailsThenWhatIsLiveStaysLive() {
      store.put(NAME, apiKey("k-1"));
      now(broker.credential(REFERENCE));
      store.beforeGet(StoredCredentialBrokerTest::storeIsDown);

      check();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Available.class);
    }

    @Test
    void credentialWhenStoreFailsThenUnavailableUntilItAnswers() {
      store.put(NAME, apiKey("k-1"));
      store.beforeGet(StoredCredentialBrokerTest::storeIsDown);

      CredentialResult during = now(broker.credential(REFERENCE));
      store.beforeGet(() -> {});
      check();
      CredentialResult after = now(broker.credential(REFERENCE));

      assertThat(during)
          .isEqualTo(
              new Unavailable(
                  "the credential store cannot be used: the disk is gone", Duration.ofSeconds(1)));
      assertThat(after).isInstanceOf(Available.class);
    }

    @Test
    void credentialWhenStoreHasABugThenUnavailableAndNobodyHangs() {
      store.put(NAME, apiKey("k-1"));
      store.beforeGet(
          () -> {
            throw new AssertionError("hunter2");
          });

      CredentialResult during = now(broker.credential(REFERENCE));
      store.beforeGet(() -> {});
      clock.advance(Duration.ofSeconds(2));
      CredentialResult after = now(broker.credential(REFERENCE));

      assertThat(during)
          .isInstanceOfSatisfying(
              Unavailable.class, result -> assertThat(result.sentence()).doesNotContain("hunter2"));
      assertThat(after).isInstanceOf(Available.class);
    }

    @Test
    void watchWhenEntryIsReplacedThenFollowsWithoutBeingAsked() throws Exception {
      BrokerSettings often =
          new BrokerSettings(
              SETTINGS.refreshMargin(),
              SETTINGS.expiryMargin(),
              Duration.ofMillis(5),
              SETTINGS.renewalPause(),
              SETTINGS.endpoint());
      store.put(NAME, apiKey("k-1"));
      try (StoredCredentialBroker watching = StoredCredentialBroker.create(store, often, clock)) {
        now(watching.credential(REFERENCE));
        CountDownLatch checks = new CountDownLatch(2);
        store.put(NAME, apiKey("k-2"));
        store.beforeGet(checks::countDown);

        checks.await();

        assertThat(generation(now(watching.credential(REFERENCE)))).isEqualTo(2);
      }
    }
  }

  @Nested
  class Lifetime {

    @Test
    void credentialThenAsksOnceAndKeepsTheToken() {
      store.put(NAME, grant());
      endpoint.always(token("t-1"));

      CredentialResult first = now(broker.credential(REFERENCE));
      CredentialResult second = now(broker.credential(REFERENCE));

      assertThat(first).isEqualTo(bearer("t-1", 1));
      assertThat(second).isEqualTo(first);
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenJustBeforeTheExpiryMarginThenTheSame() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(1800 - 30 - 1));

      now(broker.credential(REFERENCE));

      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenWithinTheExpiryMarginThenANewOne() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(1800 - 30));
      endpoint.always(token("t-2"));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result).isEqualTo(bearer("t-2", 2));
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void credentialWhenLifetimeIsShorterThanTheMarginsThenStillUsedForMostOfIt() {
      store.put(NAME, grant());
      endpoint.always(json(200, "{\"access_token\":\"t-1\",\"expires_in\":20}"));
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(17));

      now(broker.credential(REFERENCE));

      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenNoLifetimeIsToldThenKeptUntilRenewed() {
      store.put(NAME, grant());
      endpoint.always(json(200, NO_EXPIRY));
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofDays(30));
      check();

      CredentialResult later = now(broker.credential(REFERENCE));
      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      assertThat(later).isEqualTo(bearer("t-1", 1));
      assertThat(renewed).isEqualTo(bearer("t-1", 2));
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void checkWhenRefreshIsDueThenRenewsWithoutACaller() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(1800 - 300));
      endpoint.always(token("t-2"));

      check();
      awaitRenewal();

      assertThat(endpoint.requests()).isEqualTo(2);
      assertThat(broker.credential(REFERENCE).toCompletableFuture())
          .isCompletedWithValue(bearer("t-2", 2));
    }

    @Test
    void checkWhenRefreshIsDueThenCallersKeepTheOldOneMeanwhile() throws Exception {
      store.put(NAME, grant());
      CredentialResult first = now(broker.credential(REFERENCE));
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch answer = new CountDownLatch(1);
      endpoint.always(
          exchange -> {
            asked.countDown();
            answer.await();
            token("t-2").write(exchange);
          });
      clock.advance(Duration.ofSeconds(1800 - 300));
      check();
      asked.await();

      CompletableFuture<CredentialResult> meanwhile =
          broker.credential(REFERENCE).toCompletableFuture();
      answer.countDown();

      assertThat(meanwhile).isCompletedWithValue(first);
    }

    @Test
    void checkWhenNobodyUsedItSinceItsRenewalThenLeavesItAlone() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(1800 - 300));
      check();
      awaitRenewal();
      clock.advance(Duration.ofSeconds(1800 - 300));

      check();
      awaitRenewal();

      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void checkWhenRenewalFailsThenTheOldOneServesUntilItExpires() {
      store.put(NAME, grant());
      CredentialResult first = now(broker.credential(REFERENCE));
      now(broker.credential(REFERENCE));
      endpoint.always(json(500, ""));
      clock.advance(Duration.ofSeconds(1800 - 300));

      check();
      awaitRenewal();
      CredentialResult before = now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(300));
      CredentialResult after = now(broker.credential(REFERENCE));

      assertThat(before).isEqualTo(first);
      assertThat(after).isInstanceOf(Unavailable.class);
    }
  }

  @Nested
  class SingleFlight {

    @Test
    void credentialWhenManyAskThenOneRequest() throws Exception {
      store.put(NAME, grant());

      List<CredentialResult> results = together(token("t-1"), () -> broker.credential(REFERENCE));

      assertThat(results).hasSize(CALLERS).containsOnly(bearer("t-1", 1));
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenManyAskAndTheAnswerIsFastThenOneRequest() throws Exception {
      store.put(NAME, grant());
      endpoint.always(token("t-1"));

      List<CredentialResult> results =
          together(new CountDownLatch(0), () -> broker.credential(REFERENCE));

      assertThat(results).hasSize(CALLERS).containsOnly(bearer("t-1", 1));
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenManyAskDuringAPermanentErrorThenOneRequest() throws Exception {
      store.put(NAME, grant());

      List<CredentialResult> results =
          together(json(400, "{\"error\":\"invalid_grant\"}"), () -> broker.credential(REFERENCE));

      assertThat(results).hasSize(CALLERS).allMatch(NeedsConsent.class::isInstance);
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenManyAskAfterExpiryThenOneRequest() throws Exception {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofHours(1));

      List<CredentialResult> results = together(token("t-2"), () -> broker.credential(REFERENCE));

      assertThat(results).containsOnly(bearer("t-2", 2));
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void renewWhenManyWereRefusedThenOneRequest() throws Exception {
      store.put(NAME, grant());
      endpoint.always(json(200, NO_EXPIRY));
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofHours(2));

      List<CredentialResult> results = together(token("t-2"), () -> broker.renew(REFERENCE, 1));

      assertThat(results).containsOnly(bearer("t-2", 2));
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void renewWhenAnotherAlreadyRenewedThenItsResultWithoutARequest() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofMinutes(1));
      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      CredentialResult late = now(broker.renew(REFERENCE, 1));

      assertThat(late).isEqualTo(renewed);
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void credentialWhenWaitersBlockThenTheOthersGoOn() throws Exception {
      store.put(NAME, grant());
      CountDownLatch release = new CountDownLatch(1);
      endpoint.always(
          exchange -> {
            release.await();
            token("t-1").write(exchange);
          });
      CountDownLatch never = new CountDownLatch(1);
      CompletionStage<CredentialResult> before =
          broker.credential(REFERENCE).thenApply(result -> awaiting(never, result));
      CompletionStage<CredentialResult> other = broker.credential(REFERENCE);
      CompletionStage<CredentialResult> after =
          broker.credential(REFERENCE).thenApply(result -> awaiting(never, result));

      release.countDown();

      assertThat(now(other)).isEqualTo(bearer("t-1", 1));
      never.countDown();
      now(before);
      now(after);
    }

    @Test
    void credentialWhenRenewedThenNotOnTheCallersThread() {
      AtomicReference<Thread> reader = new AtomicReference<>();
      store.put(NAME, grant());
      store.beforeGet(() -> reader.set(Thread.currentThread()));

      now(broker.credential(REFERENCE));

      assertThat(reader.get().isVirtual()).isTrue();
      assertThat(reader.get()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void credentialWhenTwoReferencesThenTwoRequests() {
      store.put(NAME, grant());
      store.put("servicenow/other", grant());

      now(broker.credential(REFERENCE));
      now(broker.credential("vault:servicenow/other"));

      assertThat(endpoint.requests()).isEqualTo(2);
    }
  }

  @Nested
  class Renewal {

    @Test
    void renewWhenTheVendorHandsOutTheSameTokenThenItIsANewGeneration() {
      store.put(NAME, CredentialFixtures.password(endpoint.url()));
      endpoint.always(token("same"));
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofMinutes(29));

      CredentialResult renewed = now(broker.renew(REFERENCE, 1));
      clock.advance(Duration.ofMinutes(29));
      CredentialResult later = now(broker.credential(REFERENCE));

      assertThat(renewed).isEqualTo(bearer("same", 2));
      assertThat(later).isEqualTo(renewed);
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void renewWhenRefusedRightAfterARenewalThenUnavailableWithoutARequest() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(2));

      CredentialResult result = now(broker.renew(REFERENCE, 1));

      assertThat(result)
          .isEqualTo(
              new Unavailable(
                  "the upstream refused the credential vault:servicenow/acme right after its"
                      + " renewal",
                  Duration.ofSeconds(3)));
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void renewWhenNothingIsCachedThenObtains() {
      store.put(NAME, grant());
      endpoint.always(token("t-1"));

      assertThat(now(broker.renew(REFERENCE, 7))).isEqualTo(bearer("t-1", 1));
    }

    @Test
    void renewWhenEndpointIsDownThenUnavailableAndTheOldOneStays() {
      store.put(NAME, grant());
      CredentialResult first = now(broker.credential(REFERENCE));
      clock.advance(Duration.ofMinutes(1));
      endpoint.always(json(503, ""));

      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      assertThat(renewed).isInstanceOf(Unavailable.class);
      assertThat(now(broker.credential(REFERENCE))).isEqualTo(first);
    }
  }

  @Nested
  class Errors {

    @ParameterizedTest
    @ValueSource(
        strings = {"invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"})
    void credentialWhenPermanentThenNeverAskedAgain(String code) {
      store.put(NAME, grant());
      endpoint.always(json(400, "{\"error\":\"" + code + "\",\"error_description\":\"<b>no\"}"));

      CredentialResult first = now(broker.credential(REFERENCE));
      clock.advance(Duration.ofDays(7));
      check();
      CredentialResult second = now(broker.credential(REFERENCE));

      assertThat(first)
          .isEqualTo(
              new NeedsConsent(
                  "the token endpoint 127.0.0.1 of vault:servicenow/acme answers "
                      + code
                      + " (status 400); it is not asked again until the entry is stored anew"));
      assertThat(second).isEqualTo(first);
      assertThat(endpoint.requests()).isEqualTo(1);
    }

    @Test
    void credentialWhenEntryIsStoredAnewAfterAPermanentErrorThenAsksAgain() {
      store.put(NAME, grant());
      endpoint.then(json(401, "{\"error\":\"invalid_client\"}"));
      now(broker.credential(REFERENCE));
      store.put(NAME, grant());

      check();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Available.class);
    }

    @Test
    void renewWhenTheGrantIsWithdrawnThenTheCachedTokenGoesToo() {
      store.put(NAME, grant());
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofMinutes(1));
      endpoint.always(json(400, "{\"error\":\"invalid_grant\"}"));

      CredentialResult renewed = now(broker.renew(REFERENCE, 1));

      assertThat(renewed).isInstanceOf(NeedsConsent.class);
      assertThat(now(broker.credential(REFERENCE))).isEqualTo(renewed);
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void credentialWhenEntryIsReplacedWhileRefusedThenTheNewOneIsUsed() {
      store.put(NAME, CredentialFixtures.refresh(endpoint.url(), "r-old"));
      endpoint.then(
          exchange -> {
            store.put(NAME, CredentialFixtures.refresh(endpoint.url(), "r-new"));
            json(400, "{\"error\":\"invalid_grant\"}").write(exchange);
          });
      endpoint.always(token("t-1"));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result).isEqualTo(bearer("t-1", 1));
      assertThat(endpoint.last().form()).containsEntry("refresh_token", "r-new");
    }

    @Test
    void credentialWhenPassingErrorThenNotAskedAgainDuringThePause() {
      store.put(NAME, grant());
      endpoint.then(json(429, "", "Retry-After", "7"));

      CredentialResult first = now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(5));
      CredentialResult second = now(broker.credential(REFERENCE));
      clock.advance(Duration.ofSeconds(2));
      CredentialResult third = now(broker.credential(REFERENCE));

      assertThat(first)
          .isEqualTo(
              new Unavailable(
                  "the token endpoint 127.0.0.1 of vault:servicenow/acme asks to slow down (status"
                      + " 429)",
                  Duration.ofSeconds(7)));
      assertThat(second).extracting("retryAfter").isEqualTo(Duration.ofSeconds(2));
      assertThat(third).isInstanceOf(Available.class);
      assertThat(endpoint.requests()).isEqualTo(2);
    }

    @Test
    void credentialWhenItFailsAgainAndAgainThenThePauseDoublesUpToItsLimit() {
      store.put(NAME, grant());
      endpoint.always(json(200, "no json"));

      List<Duration> pauses =
          IntStream.range(0, 6)
              .mapToObj(
                  i -> {
                    Unavailable result = (Unavailable) now(broker.credential(REFERENCE));
                    clock.advance(result.retryAfter());
                    return result.retryAfter();
                  })
              .toList();

      assertThat(pauses)
          .containsExactly(seconds(1), seconds(2), seconds(4), seconds(8), seconds(8), seconds(8));
    }
  }

  @Nested
  class Closing {

    @Test
    void closeThenUnavailable() {
      store.put(NAME, apiKey("k-1"));

      broker.close();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Unavailable.class);
      assertThat(now(broker.renew(REFERENCE, 1))).isInstanceOf(Unavailable.class);
    }

    @Test
    void closeWhenARenewalIsUnderWayThenItsResultArrives() throws Exception {
      store.put(NAME, grant());
      CountDownLatch asked = new CountDownLatch(1);
      CountDownLatch answer = new CountDownLatch(1);
      endpoint.always(
          exchange -> {
            asked.countDown();
            answer.await();
            token("t-1").write(exchange);
          });
      CompletionStage<CredentialResult> waiting = broker.credential(REFERENCE);
      asked.await();

      Thread closing = Thread.ofVirtual().start(broker::close);
      answer.countDown();

      assertThat(now(waiting)).isEqualTo(bearer("t-1", 1));
      closing.join();
    }
  }

  private void check() {
    now(broker.check());
  }

  /** A renewal that was started in the background; a second check would find nothing to start. */
  private void awaitRenewal() {
    broker.underWay().forEach(CredentialFixtures::now);
  }

  private StoredCredential grant() {
    return CredentialFixtures.clientCredentials(endpoint.url());
  }

  /** Many callers at once; the endpoint answers when all of them have asked. */
  private List<CredentialResult> together(
      FakeTokenEndpoint.Answer answer, Supplier<CompletionStage<CredentialResult>> call)
      throws Exception {
    CountDownLatch called = new CountDownLatch(CALLERS);
    endpoint.always(
        exchange -> {
          called.await();
          answer.write(exchange);
        });
    return together(called, call);
  }

  private static List<CredentialResult> together(
      CountDownLatch called, Supplier<CompletionStage<CredentialResult>> call) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<CredentialResult> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<CompletionStage<CredentialResult>>> calls = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        calls.add(
            threads.submit(
                () -> {
                  start.await();
                  CompletionStage<CredentialResult> stage = call.get();
                  called.countDown();
                  return stage;
                }));
      }
      start.countDown();
      for (Future<CompletionStage<CredentialResult>> future : calls) {
        results.add(now(future.get()));
      }
    }
    return results;
  }

  private static CredentialResult awaiting(CountDownLatch latch, CredentialResult result) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  private static void storeIsDown() {
    throw new CredentialStoreException(Problem.STORAGE, "the disk is gone");
  }

  private static StoredCredential apiKey(String key) {
    return new StoredCredential.ApiKey("x-sn-apikey", Secret.of(key));
  }

  private static Available bearer(String token, long generation) {
    return new Available(new Credential.BearerToken(Secret.of(token)), generation);
  }

  private static long generation(CredentialResult result) {
    return ((Available) result).generation();
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
