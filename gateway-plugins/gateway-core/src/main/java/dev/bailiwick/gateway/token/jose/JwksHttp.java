// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gets a key set over HTTP: no redirects, one limit on the time of the whole exchange and one on
 * its size. Thread-safe.
 */
final class JwksHttp implements ResourceRetriever, AutoCloseable {
  private final HttpClient client;
  private final KeyFetching options;

  JwksHttp(KeyFetching options) {
    this.options = options;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.timeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  @Override
  public Resource retrieveResource(URL url) throws IOException {
    HttpResponse<byte[]> response = exchange(url);
    if (response.statusCode() != 200) {
      throw new IOException("the key set answered with status " + response.statusCode());
    }
    return new Resource(
        new String(response.body(), StandardCharsets.UTF_8), "application/jwk-set+json");
  }

  private HttpResponse<byte[]> exchange(URL url) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request(url), info -> new LimitedBody(options.maxBytes()));
    try {
      return answer.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("the key set did not arrive within " + options.timeout(), e);
    } catch (ExecutionException e) {
      throw new IOException("the key set could not be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while fetching a key set", e);
    } finally {
      answer.cancel(true);
    }
  }

  private HttpRequest request(URL url) throws IOException {
    try {
      URI uri = url.toURI();
      return HttpRequest.newBuilder(uri)
          .timeout(options.timeout())
          .header("Accept", "application/jwk-set+json, application/json")
          .build();
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("the key set address is no HTTP address", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  /** Collects a body and gives up as soon as it is too long. */
  private static final class LimitedBody implements HttpResponse.BodySubscriber<byte[]> {
    private final int maxBytes;
    private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    LimitedBody(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (buffer.remaining() > maxBytes - collected.size()) {
          if (subscription != null) {
            subscription.cancel();
          }
          body.completeExceptionally(
              new IOException("the key set is longer than " + maxBytes + " bytes"));
          return;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        collected.writeBytes(bytes);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(collected.toByteArray());
    }
  }
}
