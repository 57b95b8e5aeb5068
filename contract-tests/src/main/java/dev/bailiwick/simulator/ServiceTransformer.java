// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.HttpHeader;
import com.github.tomakehurst.wiremock.http.HttpHeaders;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts a {@link SimulatedService} behind a WireMock stub: the state that a mapping file cannot
 * hold. A stub refers to it by name under {@code transformers}. Thread-safe if the service is.
 */
public class ServiceTransformer implements ResponseDefinitionTransformerV2 {
  private static final int CHUNKS = 4;
  private static final int MILLIS_APART = 5;

  private final String name;
  private final SimulatedService service;
  private volatile boolean inChunks;

  public ServiceTransformer(String name, SimulatedService service) {
    this.name = name;
    this.service = service;
  }

  /** Whether answers come in a few chunks, a little apart, and without their length. */
  final void inChunks(boolean wanted) {
    inChunks = wanted;
  }

  @Override
  public final String getName() {
    return name;
  }

  @Override
  public final boolean applyGlobally() {
    return false;
  }

  @Override
  public final ResponseDefinition transform(ServeEvent event) {
    LoggedRequest request = event.getRequest();
    SimulatedAnswer answer =
        service.answer(
            new SimulatedCall(
                URI.create(request.getAbsoluteUrl()).resolve("/"),
                request.getMethod().value(),
                request.getUrl(),
                SeenRequest.headers(request),
                request.getBody()));
    Map<String, List<String>> lines = new LinkedHashMap<>();
    answer
        .headers()
        .forEach((key, value) -> lines.computeIfAbsent(key, k -> new ArrayList<>()).add(value));
    if (inChunks) {
      lines.remove("content-length");
    }
    ResponseDefinitionBuilder response =
        new ResponseDefinitionBuilder()
            .withStatus(answer.status())
            .withHeaders(
                new HttpHeaders(
                    lines.entrySet().stream()
                        .map(line -> new HttpHeader(line.getKey(), line.getValue()))
                        .toList()));
    if (answer.body().length == 0) {
      return response.build();
    }
    return (inChunks ? response.withChunkedDribbleDelay(CHUNKS, CHUNKS * MILLIS_APART) : response)
        .withBody(answer.body())
        .build();
  }
}
