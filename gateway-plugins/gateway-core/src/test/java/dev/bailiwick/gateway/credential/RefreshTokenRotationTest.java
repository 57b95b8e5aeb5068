// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.NAME;
import static dev.bailiwick.gateway.credential.CredentialFixtures.REFERENCE;
import static dev.bailiwick.gateway.credential.CredentialFixtures.SETTINGS;
import static dev.bailiwick.gateway.credential.CredentialFixtures.now;
import static dev.bailiwick.gateway.credential.CredentialFixtures.refresh;
import static dev.bailiwick.gateway.credential.FakeTokenEndpoint.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialResult.Available;
import dev.bailiwick.gateway.credential.CredentialResult.Unavailable;
import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A vendor that gives a new refresh token with every access token and takes the old one back. */
@Timeout(60)
class RefreshTokenRotationTest {
  @TempDir Path directory;

  private final FakeClock clock = new FakeClock();
  private final FakeCredentialStore store = new FakeCredentialStore(clock);
  private final FakeTokenEndpoint endpoint = new FakeTokenEndpoint();

  @BeforeEach
  void rotate() {
    endpoint.always(
        exchange -> {
          String used = endpoint.last().form().get("refresh_token");
          int number = Integer.parseInt(used.substring(2));
          boolean seen = number != endpoint.requests();
          json(
                  seen ? 400 : 200,
                  seen
                      ? "{\"error\":\"invalid_grant\"}"
                      : "{\"access_token\":\"t-%d\",\"expires_in\":1800,\"refresh_token\":\"r-%d\"}"
                          .formatted(number, number + 1))
              .write(exchange);
        });
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  @Test
  void credentialWhenRotatedThenTheNextRenewalUsesTheNewToken() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    try (StoredCredentialBroker broker = broker(store)) {
      now(broker.credential(REFERENCE));
      clock.advance(Duration.ofHours(1));

      CredentialResult second = now(broker.credential(REFERENCE));

      assertThat(second).isEqualTo(bearer("t-2", 2));
    }
  }

  @Test
  void checkWhenRotatedThenItsOwnWriteIsNoChange() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    try (StoredCredentialBroker broker = broker(store)) {
      CredentialResult first = now(broker.credential(REFERENCE));

      now(broker.check());

      assertThat(now(broker.credential(REFERENCE))).isEqualTo(first);
      assertThat(endpoint.requests()).isEqualTo(1);
    }
  }

  @Test
  void credentialWhenNotRotatedThenTheStoreIsNotWritten() {
    StoredEntry entry = store.put(NAME, refresh(endpoint.url(), "r-1"));
    endpoint.always(
        json(200, "{\"access_token\":\"t-1\",\"expires_in\":1800,\"refresh_token\":\"r-1\"}"));
    try (StoredCredentialBroker broker = broker(store)) {
      now(broker.credential(REFERENCE));

      assertThat(store.get(NAME)).contains(entry);
    }
  }

  @Test
  void credentialWhenRotatedThenItIsInTheFileBeforeTheAccessTokenIsHandedOut() throws Exception {
    Path file = directory.resolve("vault.jwe");
    VaultKey key = VaultKey.generate(directory.resolve("vault.key"));
    FileVault vault = FileVault.init(file, key, clock);
    vault.put(NAME, refresh(endpoint.url(), "r-1"));
    CountDownLatch storing = new CountDownLatch(1);
    CountDownLatch mayStore = new CountDownLatch(1);
    try (StoredCredentialBroker broker =
        broker(
            beforeReplace(
                vault,
                () -> {
                  storing.countDown();
                  await(mayStore);
                }))) {
      CompletableFuture<CredentialResult> result =
          broker.credential(REFERENCE).toCompletableFuture();

      storing.await();
      assertThat(result).isNotDone();
      mayStore.countDown();
      Available available = (Available) now(result);

      assertThat(available).isEqualTo(bearer("t-1", 1));
      assertThat(FileVault.open(file, key, clock).get(NAME).map(StoredEntry::credential))
          .contains(refresh(endpoint.url(), "r-2"));
    }
  }

  @Test
  void credentialWhenItCannotBeStoredThenNotHandedOutAndStoredLaterWithoutAnotherRequest() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    store.beforeReplace(RefreshTokenRotationTest::diskIsFull);
    try (StoredCredentialBroker broker = broker(store)) {
      CredentialResult during = now(broker.credential(REFERENCE));
      store.beforeReplace(() -> {});
      clock.advance(Duration.ofSeconds(2));
      CredentialResult after = now(broker.credential(REFERENCE));

      assertThat(during)
          .isEqualTo(
              new Unavailable(
                  "the new refresh token of vault:servicenow/acme is not stored: the disk is full",
                  Duration.ofSeconds(1)));
      assertThat(after).isEqualTo(bearer("t-1", 1));
      assertThat(endpoint.requests()).isEqualTo(1);
      assertThat(store.get(NAME).map(StoredEntry::credential))
          .contains(refresh(endpoint.url(), "r-2"));
    }
  }

  @Test
  void checkWhenItCouldNotBeStoredThenStoredWithoutACaller() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    store.beforeReplace(RefreshTokenRotationTest::diskIsFull);
    try (StoredCredentialBroker broker = broker(store)) {
      now(broker.credential(REFERENCE));
      store.beforeReplace(() -> {});
      clock.advance(Duration.ofSeconds(2));

      now(broker.check());
      broker.underWay().forEach(CredentialFixtures::now);

      assertThat(store.get(NAME).map(StoredEntry::credential))
          .contains(refresh(endpoint.url(), "r-2"));
    }
  }

  @Test
  void closeWhenItCouldNotBeStoredThenALastTryIsMade() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    store.beforeReplace(RefreshTokenRotationTest::diskIsFull);
    StoredCredentialBroker broker = broker(store);
    now(broker.credential(REFERENCE));
    store.beforeReplace(() -> {});

    broker.close();

    assertThat(store.get(NAME).map(StoredEntry::credential))
        .contains(refresh(endpoint.url(), "r-2"));
  }

  @Test
  void credentialWhenStoredTooLateToBeUsedThenRenewedWithTheNewToken() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    store.beforeReplace(RefreshTokenRotationTest::diskIsFull);
    try (StoredCredentialBroker broker = broker(store)) {
      now(broker.credential(REFERENCE));
      store.beforeReplace(() -> {});
      clock.advance(Duration.ofHours(1));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result).isInstanceOf(Available.class);
      assertThat(((Available) result).credential())
          .isEqualTo(new Credential.BearerToken(Secret.of("t-2")));
    }
  }

  @Test
  void credentialWhenAPersonStoresANewTokenMeanwhileThenThatOneIsKept() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    store.beforeReplace(
        () -> {
          store.beforeReplace(() -> {});
          store.put(NAME, refresh(endpoint.url(), "r-2"));
        });
    try (StoredCredentialBroker broker = broker(store)) {

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result).isEqualTo(bearer("t-2", 1));
      assertThat(store.get(NAME).map(StoredEntry::credential))
          .contains(refresh(endpoint.url(), "r-3"));
    }
  }

  @Test
  void credentialWhenTheAnswerIsLostThenTheOldTokenIsNotSentTwiceInOneRenewal() {
    store.put(NAME, refresh(endpoint.url(), "r-1"));
    endpoint.always(FakeTokenEndpoint.breakOff());
    try (StoredCredentialBroker broker = broker(store)) {

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result).isInstanceOf(Unavailable.class);
      assertThat(endpoint.requests()).isEqualTo(1);
    }
  }

  private StoredCredentialBroker broker(CredentialStore on) {
    return StoredCredentialBroker.create(on, SETTINGS, clock);
  }

  private static CredentialStore beforeReplace(CredentialStore store, Runnable action) {
    return new CredentialStore() {
      @Override
      public Optional<StoredEntry> get(String name) {
        return store.get(name);
      }

      @Override
      public Optional<StoredEntry> replace(StoredEntry expected, StoredCredential replacement) {
        action.run();
        return store.replace(expected, replacement);
      }
    };
  }

  private static void diskIsFull() {
    throw new CredentialStoreException(Problem.STORAGE, "the disk is full");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Available bearer(String token, long generation) {
    return new Available(new Credential.BearerToken(Secret.of(token)), generation);
  }
}
