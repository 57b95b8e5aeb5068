// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks to a simulator as any HTTP client would. */
public final class Client implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI origin;

  public Client(URI origin) {
    this.origin = origin;
  }

  public HttpResponse<String> get(String target, String... headers) throws Exception {
    return send(request(target, headers).GET().build());
  }

  public HttpResponse<String> send(String method, String target, String body, String... headers)
      throws Exception {
    return send(
        request(target, headers)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  public HttpResponse<String> form(URI endpoint, Map<String, String> fields, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(endpoint);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    fields.entrySet().stream()
                        .map(field -> field.getKey() + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&"))))
            .build());
  }

  public HttpRequest.Builder request(String target, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(origin + target));
    return headers.length == 0 ? request : request.headers(headers);
  }

  public HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /**
   * What a client sees of a request that may run into trouble; it may try a GET again by itself, so
   * the count of requests belongs to it.
   */
  public String outcome(Simulator simulator, HttpRequest request) throws InterruptedException {
    int before = simulator.requests().size();
    long start = System.nanoTime();
    try {
      HttpResponse<String> answer = send(request);
      boolean late = Duration.ofNanos(System.nanoTime() - start).toMillis() >= 2000;
      int requests = simulator.requests().size() - before;
      return answer.statusCode()
          + " "
          + answer.body()
          + (late ? " late" : "")
          + (requests == 1 ? "" : " in " + requests + " requests");
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  public static JsonNode json(HttpResponse<String> answer) {
    return JsonMapper.shared().readTree(answer.body());
  }

  @Override
  public void close() {
    http.close();
  }
}
