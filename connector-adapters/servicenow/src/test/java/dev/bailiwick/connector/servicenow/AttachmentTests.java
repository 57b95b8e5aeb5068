// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttachmentTests {
  private static final String ID = "c1000000000000000000000000000001";
  private static final Credential STORED = new Credential.BearerToken(Secret.of("stored"));

  private final Connector connector =
      new ServiceNowAdapter()
          .connect(
              new ConnectorSettings(
                  "servicenow",
                  URI.create("https://acme.service-now.com"),
                  URI.create("https://gateway.acme.example/servicenow"),
                  Map.of()));

  private final ConnectorRequest download =
      ConnectorRequest.head(
          "GET", RequestTarget.parse("/api/now/attachment/" + ID + "/file", null), Headers.none());

  @Test
  void outboundWhenFileIsAddedThenItStreamsToTheTableThatWasAuthorized() {
    ConnectorRequest upload =
        ConnectorRequest.head(
            "POST",
            RequestTarget.parse(
                "/api/now/attachment/file",
                "table_name=Incident&table_sys_id=" + ID + "&file_name=a.bin"),
            Headers.none().with("Content-Type", "application/octet-stream"));

    OutboundRequest sent = connector.call(upload).outbound(STORED);

    assertThat(connector.classify(upload).bodyUse()).isEqualTo(BodyUse.STREAM);
    assertThat(sent.target().single("table_name")).contains("incident");
    assertThat(sent.body()).isEmpty();
  }

  @Test
  void inboundWhenFileThenItStreamsUntouchedAndWithoutItsMetadata() {
    Headers headers =
        Headers.none()
            .with("Content-Type", "application/pdf")
            .with("X-Attachment-Metadata", "{\"download_link\":\"https://acme.service-now.com\"}");

    Inbound.Relay relay = (Inbound.Relay) connector.call(download).inbound(200, headers);

    assertThat(relay.rewriter()).isEmpty();
    assertThat(relay.headers().has("x-attachment-metadata")).isFalse();
    assertThat(connector.call(download).outbound(STORED).headers().first("accept")).contains("*/*");
  }

  @Test
  void inboundWhenFileIsAPageThenUnusable() {
    assertThat(
            connector.call(download).inbound(200, Headers.none().with("Content-Type", "text/html")))
        .isInstanceOf(Inbound.Unusable.class);
  }
}
