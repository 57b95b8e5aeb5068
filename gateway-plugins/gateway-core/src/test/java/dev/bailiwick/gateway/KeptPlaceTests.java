// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.gateway.credential.CredentialResult;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** However a call ends, all that is said of it has a place, and none stays kept. */
final class KeptPlaceTests {
  private static final Denial UNSAYABLE = new Denial(DenyReason.INTERNAL, "cannot be said");

  private final WalkFixture fixture = new WalkFixture();

  private static Arguments obstacle(String name, Consumer<WalkFixture> how) {
    return Arguments.of(Named.of(name, how));
  }

  static final List<Arguments> OBSTACLES =
      List.of(
          obstacle(
              "no credential",
              fixture ->
                  fixture.credential =
                      new CredentialResult.Unavailable("later", Duration.ofSeconds(1))),
          obstacle("open breaker", fixture -> fixture.breakerOpen = Optional.of(Duration.ZERO)),
          obstacle("credential fails", fixture -> failing(fixture, "credential")),
          obstacle("outbound fails", fixture -> failing(fixture, "outbound")));

  private static void failing(WalkFixture fixture, String step) {
    fixture.failingStep = step;
    fixture.failing = new IllegalStateException("boom");
  }

  @ParameterizedTest
  @FieldSource("OBSTACLES")
  void decideWhenNothingCanBeSentThenNoPlaceStaysKept(Consumer<WalkFixture> obstacle) {
    obstacle.accept(fixture);

    for (InboundRequest request : List.of(read(), write())) {
      assertThat(walk(request)).isInstanceOf(Decision.Deny.class);
      assertThat(fixture.decision().operations()).isNotEmpty();
    }

    assertNothingIsKept();
  }

  private static Arguments end(String name, BiConsumer<WalkFixture, UpstreamCall> how) {
    return Arguments.of(Named.of(name, how));
  }

  static final List<Arguments> ENDS =
      List.of(
          end("relayed", (fixture, call) -> answered(call)),
          end(
              "unusable",
              (fixture, call) -> {
                fixture.inbound = new Inbound.Unusable("a login page");
                answered(call);
              }),
          end(
              "not accepted after renewal",
              (fixture, call) -> {
                fixture.inbound = new Inbound.CredentialExpired();
                answered(call);
                answered(call);
              }),
          end(
              "not replayable",
              (fixture, call) -> {
                fixture.inbound = new Inbound.CredentialExpired();
                WalkFixture.now(call.answered(401, Headers.none(), false));
              }),
          end(
              "renewal fails",
              (fixture, call) -> {
                fixture.inbound = new Inbound.CredentialExpired();
                failing(fixture, "renew");
                answered(call);
              }),
          end(
              "inbound fails",
              (fixture, call) -> {
                failing(fixture, "inbound");
                answered(call);
              }),
          end("unreachable", (fixture, call) -> failed(call, new ConnectException())),
          end("late", (fixture, call) -> failed(call, new TimeoutException())),
          end("given up", (fixture, call) -> failed(call, new CancellationException())),
          end("unsent", (fixture, call) -> WalkFixture.now(call.unsent(UNSAYABLE))),
          end("reported", (fixture, call) -> reported(call, OptionalInt.of(200))),
          end("reported as expired", (fixture, call) -> reported(call, OptionalInt.of(401))),
          end("never reported", (fixture, call) -> reported(call, OptionalInt.empty())));

  private static void answered(UpstreamCall call) {
    WalkFixture.now(call.answered(200, Headers.none(), true));
  }

  private static void failed(UpstreamCall call, Exception cause) {
    WalkFixture.now(call.failed(cause));
  }

  private static void reported(UpstreamCall call, OptionalInt status) {
    WalkFixture.now(call.reported(status));
  }

  @ParameterizedTest
  @FieldSource("ENDS")
  void callWhenOverThenNoPlaceStaysKept(BiConsumer<WalkFixture, UpstreamCall> end) {
    for (InboundRequest request : List.of(read(), write())) {
      fixture.inbound = new Inbound.Relay(200, Headers.none(), Optional.empty());
      fixture.failingStep = "";
      Decision decision = walk(request);
      assertThat(decision).isInstanceOf(Decision.Allow.class);
      assertThat(fixture.placesKept).isPositive();

      end.accept(fixture, ((Decision.Allow) decision).call());

      assertNothingIsKept();
    }
  }

  private void assertNothingIsKept() {
    assertThat(fixture.placesKept).isZero();
    assertThat(fixture.saidWithoutPlace).isZero();
  }

  private static InboundRequest read() {
    return WalkFixture.get("/shop/lamp");
  }

  private static InboundRequest write() {
    return WalkFixture.request(
        "PATCH", "/shop/lamp", Headers.of(List.of(new Headers.Field("content-length", "5"))));
  }

  private Decision walk(InboundRequest request) {
    String body = request.method().equals("GET") ? "" : "price";
    return fixture.walk(request, body.getBytes(StandardCharsets.UTF_8));
  }
}
