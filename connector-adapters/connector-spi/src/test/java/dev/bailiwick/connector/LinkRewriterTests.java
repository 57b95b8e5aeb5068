// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.LinkRewriter.Destination;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkRewriterTests {
  private final LinkRewriter links =
      new LinkRewriter(
          URI.create("https://acme.service-now.com"),
          URI.create("https://gateway.acme.example/servicenow"));

  @ParameterizedTest
  @CsvSource({
    "https://acme.service-now.com/api/now, https://gateway.acme.example/servicenow/api/now",
    "https://acme.service-now.com, https://gateway.acme.example/servicenow",
    "https://acme.service-now.com?a=b, https://gateway.acme.example/servicenow?a=b",
    "https://acme.service-now.com#f, https://gateway.acme.example/servicenow#f",
    "HTTPS://ACME.Service-Now.com/x, https://gateway.acme.example/servicenow/x",
    "https://acme.service-now.com:443/x, https://gateway.acme.example/servicenow/x",
  })
  void absoluteWhenOriginIsOursThenMovesIt(String link, String moved) {
    assertThat(links.absolute(link)).isEqualTo(moved);
    assertThat(links.destination(link)).isEqualTo(Destination.UPSTREAM);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://acme.service-now.com.evil.example/x",
        "https://acme.service-now.com@evil.example/x",
        "https://user@acme.service-now.com/x",
        "https://evil.example/https://acme.service-now.com/x",
        "https://acme.service-now.com\\@evil.example/x",
        "https://acme.service-now.com:8443/x",
        "https://acme.service-now.com:/x",
        "https://acme.service-now.com:00000443/x",
        "http://acme.service-now.com/x",
        "https://other.service-now.com/x",
        "https://xacme.service-now.com/x",
        "https://acme.service-now.com./x",
        " https://acme.service-now.com/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "https:acme.service-now.com/x",
        "//evil.example/x",
        "/\\evil.example/x"
      })
  void destinationWhenAnotherOriginThenElsewhereAndTheTextStays(String link) {
    assertThat(links.destination(link)).isEqualTo(Destination.ELSEWHERE);
    assertThat(links.absolute(link)).isEqualTo(link);
    assertThat(links.reference(link)).isEqualTo(link);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/now, /servicenow/api/now",
    "//acme.service-now.com/x, https://gateway.acme.example/servicenow/x",
    "next, next",
    "?a=b, ?a=b",
  })
  void referenceWhenRelativeThenTheMountPointIsPutInFront(String link, String moved) {
    assertThat(links.reference(link)).isEqualTo(moved);
  }

  @Test
  void headersWhenLinkAndLocationThenOnlyTheirTargetsMove() {
    Headers headers =
        Headers.none()
            .with("Location", "https://acme.service-now.com/api/now/table/incident/1")
            .with(
                "Link",
                "<https://acme.service-now.com/a?x=1,2>;rel=\"next\","
                    + "<https://other.example/b>;rel=\"last\";"
                    + "title=\"see <https://acme.service-now.com/c> \\\" x\"")
            .with("X-Note", "https://acme.service-now.com/a");

    Headers moved = links.headers(headers);

    assertThat(moved.first("location"))
        .contains("https://gateway.acme.example/servicenow/api/now/table/incident/1");
    assertThat(moved.first("link"))
        .contains(
            "<https://gateway.acme.example/servicenow/a?x=1,2>;rel=\"next\","
                + "<https://other.example/b>;rel=\"last\";"
                + "title=\"see <https://acme.service-now.com/c> \\\" x\"");
    assertThat(moved.first("x-note")).contains("https://acme.service-now.com/a");
  }

  @Test
  void absoluteWhenUpstreamHasAPortThenItMustMatch() {
    LinkRewriter local =
        new LinkRewriter(URI.create("http://127.0.0.1:8081"), URI.create("http://127.0.0.1:8080"));

    assertThat(local.absolute("http://127.0.0.1:8081/x")).isEqualTo("http://127.0.0.1:8080/x");
    assertThat(local.absolute("http://127.0.0.1/x")).isEqualTo("http://127.0.0.1/x");
    assertThat(local.reference("/x")).isEqualTo("/x");
  }
}
