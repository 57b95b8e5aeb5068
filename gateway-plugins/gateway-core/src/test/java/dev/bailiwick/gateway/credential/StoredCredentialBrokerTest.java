// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.CredentialResult.Available;
import dev.bailiwick.gateway.credential.CredentialResult.Missing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StoredCredentialBrokerTest {
  private static final String NAME = "servicenow/acme";
  private static final String REFERENCE = "vault:" + NAME;

  /** Longer than any test: the test itself says when to check. */
  static final BrokerSettings SETTINGS =
      new BrokerSettings(
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofDays(1),
          Duration.ofSeconds(5),
          new BrokerSettings.Endpoint(
              Duration.ofSeconds(2),
              Duration.ofSeconds(2),
              3,
              Duration.ofMillis(5),
              Duration.ofSeconds(1),
              Duration.ofSeconds(8),
              BreakerSettings.tokenEndpoint()));

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
      store.put(NAME, new StoredCredential.ApiKey("x-sn-apikey", Secret.of("k-1")));

      CredentialResult result = now(broker.credential(REFERENCE));

      assertThat(result)
          .isEqualTo(new Available(new Credential.ApiKey("x-sn-apikey", Secret.of("k-1")), 1));
    }

    @Test
    void credentialWhenNoEntryThenMissing() {
      assertThat(now(broker.credential(REFERENCE)))
          .isEqualTo(new Missing("there is no credential vault:servicenow/acme in the store"));
    }

    @Test
    void credentialWhenReferenceIsNoneThenMissing() {
      assertThat(now(broker.credential("env:PASSWORD"))).isInstanceOf(Missing.class);
      assertThat(now(broker.credential("vault:../x"))).isInstanceOf(Missing.class);
    }

    @Test
    void credentialWhenEntryIsAddedLaterThenAvailableAfterCheck() {
      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Missing.class);
      store.put(NAME, new StoredCredential.ApiKey("x-key", Secret.of("k-1")));

      checkStore();

      assertThat(now(broker.credential(REFERENCE))).isInstanceOf(Available.class);
    }
  }

  @Nested
  class ClientCredentials {

    @Test
    void credentialThenAsksOnceAndKeepsTheToken() {
      store.put(NAME, clientCredentials(""));
      endpoint.always(FakeTokenEndpoint.token("t-1"));

      CredentialResult first = now(broker.credential(REFERENCE));
      CredentialResult second = now(broker.credential(REFERENCE));

      assertThat(first).isEqualTo(new Available(new Credential.BearerToken(Secret.of("t-1")), 1));
      assertThat(second).isEqualTo(first);
      assertThat(endpoint.requests()).isEqualTo(1);
      assertThat(endpoint.last().form())
          .containsEntry("grant_type", "client_credentials")
          .containsEntry("client_id", "id-1")
          .containsEntry("client_secret", "s3cret+/=&");
    }
  }

  private void checkStore() {
    broker.check().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private StoredCredential clientCredentials(String more) {
    return entry(
        "{'type':'oauth-client-credentials','token_endpoint':'"
            + endpoint.url()
            + "','client_id':'id-1','client_secret':'s3cret+/=&'"
            + more
            + "}");
  }

  static StoredCredential entry(String json) {
    return CredentialJson.read(NAME, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  static CredentialResult now(CompletionStage<CredentialResult> stage) {
    return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
