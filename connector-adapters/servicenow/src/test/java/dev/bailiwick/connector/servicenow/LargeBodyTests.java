// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bodies above the usual mebibyte, which a bundle can permit. */
class LargeBodyTests {
  private static final BodyLimits LARGE = BodyLimits.ofBytes(4 * 1024 * 1024);

  private final Connector connector =
      new ServiceNowAdapter()
          .connect(
              new ConnectorSettings(
                  "servicenow",
                  URI.create("https://acme.service-now.com"),
                  URI.create("https://gateway.acme.example/servicenow"),
                  Map.of()));

  @Test
  void callWhenAnInnerBodyIsLargerThanUsualAndMayBeThenUnderstood() {
    String inner = "{\"description\":\"" + "x".repeat(1_500_000) + "\"}";
    String batch =
        "{\"batch_request_id\":\"b\",\"rest_requests\":[{\"id\":\"1\",\"method\":\"POST\","
            + "\"url\":\"/api/now/table/incident\",\"headers\":[{\"name\":\"Content-Type\","
            + "\"value\":\"application/json\"}],\"body\":\""
            + Base64.getEncoder().encodeToString(inner.getBytes(StandardCharsets.UTF_8))
            + "\"}]}";
    ConnectorRequest request =
        ConnectorRequest.head(
                "POST",
                RequestTarget.parse("/api/now/v1/batch", null),
                Headers.none().with("Content-Type", "application/json"))
            .withBody(batch.getBytes(StandardCharsets.UTF_8));

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> connector.call(request))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
    assertThat(connector.classify(request).call(request.body(), LARGE).operations())
        .extracting(operation -> operation.scope("servicenow"))
        .containsExactly("servicenow:table/incident:create");
  }
}
