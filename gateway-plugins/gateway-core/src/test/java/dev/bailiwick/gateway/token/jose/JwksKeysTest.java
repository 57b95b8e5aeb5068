// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.gateway.token.jose.JwksKeys.KeyName;
import dev.bailiwick.gateway.token.jose.JwksKeys.Lookup;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwksKeysTest {
  private static final KeyFetching FETCHING =
      new KeyFetching(
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofHours(1),
          Duration.ofSeconds(2),
          64 * 1024);

  private static final SigningKey OLD = Lab.ISSUER_KEY;
  private static final SigningKey NEW = Lab.OTHER_KEY;

  private final FakeClock clock = new FakeClock();
  private final KeyServer server = new KeyServer(OLD);
  private final JwksHttp http = new JwksHttp(FETCHING);
  private final JwksKeys keys = new JwksKeys(Lab.rules(server.address()), http, FETCHING, clock);

  @AfterEach
  void close() {
    keys.close();
    http.close();
    server.close();
  }

  @Nested
  class Fetching {
    @Test
    void findWhenKnownThenCompletesAtOnceWithoutFetching() {
      find(OLD);

      CompletionStage<Lookup> second = keys.find(name(OLD));

      assertThat(second.toCompletableFuture()).isCompleted();
      assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void findWhenManyAskAtOnceThenFetchesOnce() {
      CountDownLatch open = new CountDownLatch(1);
      String body = SigningKey.publicJwks(List.of(OLD));
      server.answer(
          exchange -> {
            awaitLatch(open);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(body.getBytes());
          });

      List<CompletionStage<Lookup>> waiting =
          Stream.generate(() -> keys.find(name(OLD))).limit(50).toList();
      boolean anyDone = waiting.stream().anyMatch(s -> s.toCompletableFuture().isDone());
      open.countDown();

      assertThat(anyDone).isFalse();
      assertThat(waiting).allMatch(stage -> await(stage) instanceof Lookup.Found);
      assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void findWhenFetchingThenNotOnTheCallersThread() {
      CountDownLatch never = new CountDownLatch(1);
      server.answer(exchange -> awaitLatch(never));

      CompletionStage<Lookup> stage = keys.find(name(OLD));
      boolean done = stage.toCompletableFuture().isDone();
      never.countDown();

      assertThat(done).isFalse();
    }

    @Test
    void findWhenIdUnknownThenAsksAgainOnceAndThenTheRateLimitHolds() {
      find(OLD);

      for (int i = 0; i < 20; i++) {
        assertThat(await(keys.find(new KeyName("made-up-" + i, SignatureAlgorithm.ES256))))
            .isInstanceOf(Lookup.Unknown.class);
      }

      assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void findWhenRateLimitIsOverThenAsksAgain() {
      find(OLD);
      await(keys.find(name(NEW)));
      clock.advance(FETCHING.minInterval());

      await(keys.find(name(NEW)));

      assertThat(server.requests()).isEqualTo(3);
    }
  }

  @Nested
  class Rotation {
    @Test
    void findWhenNewKeyPublishedThenFindsItAtFirstUse() {
      find(OLD);
      server.publish(OLD, NEW);

      assertThat(find(NEW)).isInstanceOf(Lookup.Found.class);
      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenKeyWithdrawnThenUnknownAfterTheSetIsFetchedAgain() {
      find(OLD);
      server.publish(NEW);
      clock.advance(FETCHING.keepFor().plus(FETCHING.minInterval()));

      assertThat(find(OLD)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenSetIsDueThenAnswersAtOnceAndRefreshesBehind() {
      find(OLD);
      CountDownLatch asked = new CountDownLatch(1);
      String both = SigningKey.publicJwks(List.of(OLD, NEW));
      server.answer(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(both.getBytes());
            asked.countDown();
          });
      clock.advance(FETCHING.keepFor());

      CompletionStage<Lookup> atOnce = keys.find(name(OLD));
      boolean done = atOnce.toCompletableFuture().isDone();
      awaitLatch(asked);

      assertThat(done).isTrue();
      assertThat(find(NEW)).isInstanceOf(Lookup.Found.class);
      assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void vouchesForWhenKeyReplacedUnderTheSameIdThenNoLonger() {
      VerificationKey key = ((Lookup.Found) find(OLD)).key();
      boolean before = keys.vouchesFor(name(OLD), key, clock.instant());
      String replaced = SigningKey.publicJwks(List.of(NEW)).replace(NEW.keyId(), OLD.keyId());
      server.answer(200, replaced);
      clock.advance(FETCHING.keepFor().plus(FETCHING.minInterval()));
      find(OLD);

      assertThat(before).isTrue();
      assertThat(keys.vouchesFor(name(OLD), key, clock.instant())).isFalse();
    }

    @Test
    void vouchesForWhenNobodyRefreshedThenNoLonger() {
      VerificationKey key = ((Lookup.Found) find(OLD)).key();
      clock.advance(FETCHING.keepFor().plus(FETCHING.minInterval()));

      assertThat(keys.vouchesFor(name(OLD), key, clock.instant())).isFalse();
    }
  }

  @Nested
  class Outage {
    @Test
    void findWhenNeverReachedThenUnavailable() {
      server.answer(503, "");

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenNobodyListensThenUnavailable() {
      server.close();

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenIssuerIsDownForAWhileThenKeepsItsKeys() {
      find(OLD);
      server.answer(503, "");
      clock.advance(FETCHING.outage().minusSeconds(1));

      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenIssuerIsDownTooLongThenUnavailable() {
      find(OLD);
      server.answer(503, "");
      clock.advance(FETCHING.outage());

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenIssuerComesBackThenFindsNewKeys() {
      find(OLD);
      server.answer(503, "");
      clock.advance(FETCHING.outage());
      find(OLD);
      server.publish(NEW);
      clock.advance(FETCHING.minInterval());

      assertThat(find(NEW)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenFirstAnswerFailsThenTriesOnceMore() {
      String body = SigningKey.publicJwks(List.of(OLD));
      server.answer(
          exchange -> {
            boolean first = server.requests() == 1;
            exchange.sendResponseHeaders(first ? 500 : 200, 0);
            exchange.getResponseBody().write(body.getBytes());
          });

      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Nested
  class Garbage {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "<html>sign in</html>",
          "[]",
          "{}",
          "{\"keys\":{}}",
          "{\"keys\":[1]}",
          "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\"}]}",
        })
    void findWhenAnswerIsNoKeySetThenUnavailable(String body) {
      server.answer(200, body);

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenAnswerTurnsIntoGarbageThenKeepsTheKeys() {
      find(OLD);
      server.answer(200, "<html>sign in</html>");
      clock.advance(FETCHING.keepFor().plus(FETCHING.minInterval()));

      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenAnswerIsTooLongThenUnavailable() {
      server.answer(200, "{\"keys\":[], \"x\":\"" + "x".repeat(FETCHING.maxBytes()) + "\"}");

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenAnswerRedirectsThenIsNotFollowed() {
      server.answer(
          exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
          });

      assertThat(find(OLD)).isInstanceOf(Lookup.Unavailable.class);
    }

    @Test
    void findWhenAnswerTricklesThenGivesUpInTime() {
      KeyFetching hasty =
          new KeyFetching(
              Duration.ofMinutes(5),
              Duration.ofSeconds(30),
              Duration.ofHours(1),
              Duration.ofMillis(200),
              1024);
      CountDownLatch over = new CountDownLatch(1);
      server.answer(
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            awaitLatch(over);
          });

      try (JwksHttp hastyHttp = new JwksHttp(hasty);
          JwksKeys slow = new JwksKeys(Lab.rules(server.address()), hastyHttp, hasty, clock)) {
        assertThat(await(slow.find(name(OLD)))).isInstanceOf(Lookup.Unavailable.class);
      }
      over.countDown();
    }

    @Test
    void createWhenAddressIsNoUrlThenThrows() {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> new JwksKeys(Lab.rules(URI.create("nothing://x")), http, FETCHING, clock))
          .withMessageContaining("acme");
    }
  }

  @Nested
  class KeyFilter {
    private static final String EC = "\"crv\":\"P-256\"";

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"use\":\"enc\"",
          "\"key_ops\":[\"sign\"]",
          "\"key_ops\":[\"deriveKey\"]",
          "\"alg\":\"ES384\"",
          "\"alg\":\"ECDH-ES\"",
        })
    void findWhenKeyMayNotVerifyThenUnknown(String member) {
      server.answer(200, published().replace(EC, EC + "," + member));

      assertThat(find(OLD)).isInstanceOf(Lookup.Unknown.class);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"use\":\"sig\"",
          "\"key_ops\":[\"verify\"]",
          "\"key_ops\":[\"sign\",\"verify\"]",
          "\"alg\":\"ES256\"",
        })
    void findWhenKeyMayVerifyThenFound(String member) {
      server.answer(200, published().replace(EC, EC + "," + member));

      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenPrivateKeyIsPublishedThenUnknown() {
      server.answer(200, "{\"keys\":[" + OLD.privateJwk().reveal() + "]}");

      assertThat(find(OLD)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenKeyHasNoIdThenUnknown() {
      server.answer(200, published().replace("\"kid\"", "\"label\""));

      assertThat(find(OLD)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenTwoKeysShareAnIdThenNeitherIsMeant() {
      server.answer(
          200, SigningKey.publicJwks(List.of(OLD, NEW)).replace(NEW.keyId(), OLD.keyId()));

      assertThat(find(OLD)).isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenTwoKindsOfKeyShareAnIdThenTheAlgorithmDecides() {
      SigningKey rsa = SigningKey.generate(SignatureAlgorithm.RS256);
      server.answer(
          200, SigningKey.publicJwks(List.of(OLD, rsa)).replace(rsa.keyId(), OLD.keyId()));

      assertThat(find(OLD)).isInstanceOf(Lookup.Found.class);
      assertThat(await(keys.find(new KeyName(OLD.keyId(), SignatureAlgorithm.RS256))))
          .isInstanceOf(Lookup.Found.class);
    }

    @Test
    void findWhenRsaKeyNamesNoAlgorithmThenFoundForBothAndNotForOthers() {
      SigningKey rsa = SigningKey.generate(SignatureAlgorithm.RS256);
      server.answer(200, SigningKey.publicJwks(List.of(rsa)).replace("\"alg\":\"RS256\",", ""));

      assertThat(await(keys.find(new KeyName(rsa.keyId(), SignatureAlgorithm.RS256))))
          .isInstanceOf(Lookup.Found.class);
      assertThat(await(keys.find(new KeyName(rsa.keyId(), SignatureAlgorithm.PS256))))
          .isInstanceOf(Lookup.Found.class);
      assertThat(await(keys.find(new KeyName(rsa.keyId(), SignatureAlgorithm.ES256))))
          .isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenRsaKeyIsShortThenUnknown() {
      String modulus = Base64Url.encode(new BigInteger("1").shiftLeft(1023).toByteArray());
      server.answer(
          200,
          "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"short\",\"e\":\"AQAB\",\"n\":\""
              + modulus
              + "\"}]}");

      assertThat(await(keys.find(new KeyName("short", SignatureAlgorithm.RS256))))
          .isInstanceOf(Lookup.Unknown.class);
    }

    @Test
    void findWhenKeyIsSymmetricThenUnknown() {
      server.answer(200, "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}]}");

      for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
        assertThat(await(keys.find(new KeyName("s", algorithm))))
            .isInstanceOf(Lookup.Unknown.class);
      }
    }

    /** The key without {@code alg}, so that a case can add one. */
    private String published() {
      String json = SigningKey.publicJwks(List.of(OLD)).replace("\"alg\":\"ES256\"", "\"x-\":\"\"");
      assertThat(json).contains(EC);
      return json;
    }
  }

  private static KeyName name(SigningKey key) {
    return new KeyName(key.keyId(), key.algorithm());
  }

  private Lookup find(SigningKey key) {
    return await(keys.find(name(key)));
  }

  private static Lookup await(CompletionStage<Lookup> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
