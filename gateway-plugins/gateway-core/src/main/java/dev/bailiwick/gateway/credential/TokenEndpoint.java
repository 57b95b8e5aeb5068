// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.credential.TokenAnswer.Cause;
import dev.bailiwick.gateway.credential.TokenAnswer.Failed;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Asks token endpoints over HTTP: no redirect is followed, no cookie kept, no answer above {@link
 * TokenAnswer#MAX_BYTES} read. A request that certainly was not seen is repeated; one that failed
 * with 5xx only if its grant can be used twice; one that timed out never. Each origin has a circuit
 * breaker. Thread-safe; blocks, so call it on a virtual thread.
 */
final class TokenEndpoint implements AutoCloseable {
  private static final double RETRY_FACTOR = 2;
  private static final double RETRY_JITTER = 0.5;

  private final BrokerSettings.Endpoint settings;
  private final Clock clock;
  private final Executor threads;
  private final HttpClient http;
  private final TimeLimiter limiter;
  private final CircuitBreakerConfig breakerConfig;
  private final Map<String, CircuitBreaker> breakers = new ConcurrentHashMap<>();

  TokenEndpoint(BrokerSettings.Endpoint settings, Clock clock, Executor threads) {
    this.settings = settings;
    this.clock = clock;
    this.threads = threads;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .executor(threads)
            .build();
    this.limiter =
        TimeLimiter.of(
            TimeLimiterConfig.custom()
                .timeoutDuration(settings.timeout())
                .cancelRunningFuture(true)
                .build());
    this.breakerConfig =
        settings.breaker().config(clock).recordResult(TokenEndpoint::isOutage).build();
  }

  TokenAnswer ask(StoredCredential.Grant grant) {
    CircuitBreaker breaker =
        breakers.computeIfAbsent(
            origin(grant.client().tokenEndpoint()),
            origin -> CircuitBreaker.of(origin, breakerConfig));
    // A refresh token may have been rotated by a request whose answer was lost.
    Retry retry = retry(!(grant instanceof StoredCredential.Refresh));
    // Built anew for every attempt: an assertion must not be seen twice.
    return retry.executeSupplier(() -> attempt(breaker, TokenRequest.of(grant, clock.instant())));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private Retry retry(boolean repeatable) {
    return Retry.of(
        "token endpoint",
        RetryConfig.<TokenAnswer>custom()
            .maxAttempts(settings.attempts())
            .intervalFunction(
                IntervalFunction.ofExponentialRandomBackoff(
                    settings.retryPause(), RETRY_FACTOR, RETRY_JITTER))
            .retryOnResult(answer -> mayRepeat(answer, repeatable))
            .retryOnException(e -> false)
            .build());
  }

  private static boolean mayRepeat(TokenAnswer answer, boolean repeatable) {
    return answer instanceof Failed failed
        && failed.retryAfter() == null
        && (failed.cause() == Cause.NOT_SENT || (repeatable && failed.cause() == Cause.OUTAGE));
  }

  private static boolean isOutage(Object answer) {
    return answer instanceof Failed failed && failed.cause() != Cause.NO_USE;
  }

  private TokenAnswer attempt(CircuitBreaker breaker, TokenRequest request) {
    try {
      return breaker.executeCallable(() -> limiter.executeFutureSupplier(() -> start(request)));
    } catch (CallNotPermittedException e) {
      return new Failed(
          Cause.NO_USE, "failed too often and is left alone", settings.breaker().pause());
    } catch (TimeoutException e) {
      return new Failed(Cause.TIMEOUT, "does not answer in time", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed(Cause.TIMEOUT, "was given up", null);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // send() answers every expected failure itself.
      throw new IllegalStateException(e.getClass().getName());
    }
  }

  private Future<TokenAnswer> start(TokenRequest request) {
    FutureTask<TokenAnswer> task = new FutureTask<>(() -> send(request));
    threads.execute(task);
    return task;
  }

  private TokenAnswer send(TokenRequest request) throws InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.endpoint())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(request.body().reveal()));
    Secret authorization = request.authorization();
    if (authorization != null) {
      builder.header("Authorization", authorization.reveal());
    }
    try {
      HttpResponse<InputStream> response =
          http.send(builder.build(), HttpResponse.BodyHandlers.ofInputStream());
      byte[] body;
      try (InputStream in = response.body()) {
        body = in.readNBytes(TokenAnswer.MAX_BYTES + 1);
      }
      if (body.length > TokenAnswer.MAX_BYTES) {
        return new Failed(Cause.NO_USE, "answers with more than 64 KiB", null);
      }
      Optional<String> retryAfter = response.headers().firstValue("Retry-After");
      return TokenAnswer.read(response.statusCode(), retryAfter, body, clock.instant());
    } catch (ConnectException | HttpConnectTimeoutException | SSLHandshakeException e) {
      return new Failed(Cause.NOT_SENT, "cannot be reached", null);
    } catch (IOException e) {
      return new Failed(Cause.OUTAGE, "broke off", null);
    }
  }

  private static String origin(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }
}
