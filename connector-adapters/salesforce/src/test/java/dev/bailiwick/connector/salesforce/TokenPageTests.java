// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenPageTests {
  private final Connector connector =
      new SalesforceAdapter()
          .connect(
              new ConnectorSettings(
                  "salesforce",
                  URI.create("https://acme.my.salesforce.example"),
                  URI.create("https://gateway.example/salesforce"),
                  Map.of()));

  private Optional<LogIn> logIn(String path) {
    return connector.logIn(
        ConnectorRequest.head("POST", RequestTarget.parse(path, null), Headers.none()));
  }

  @Test
  void answerWhenAskedThenLeadsToTheGatewayAndHasIdsOf18Characters() {
    LogIn endpoint = logIn("/services/oauth2/token").orElseThrow();

    Map<String, String> answer =
        endpoint.answer(
            new LogIn.Holder("https://login.example", "alice", Instant.ofEpochMilli(1234)));

    assertThat(answer)
        .containsEntry("instance_url", "https://gateway.example/salesforce")
        .containsEntry("issued_at", "1234");
    assertThat(answer.get("id"))
        .matches(
            "https://gateway.example/salesforce/id/00D[A-Za-z0-9]{12}[A-Z0-5]{3}"
                + "/005[A-Za-z0-9]{12}[A-Z0-5]{3}");
  }

  @Test
  void answerWhenPrincipalIsTheSameThenTheIdIsToo() {
    LogIn endpoint = logIn("/services/oauth2/token").orElseThrow();
    Instant now = Instant.EPOCH;

    String alice = endpoint.answer(new LogIn.Holder("i", "alice", now)).get("id");

    assertThat(endpoint.answer(new LogIn.Holder("i", "alice", now)).get("id")).isEqualTo(alice);
    assertThat(endpoint.answer(new LogIn.Holder("i", "bob", now)).get("id")).isNotEqualTo(alice);
  }

  /** The first is the vendor's own example of the two forms of an id. */
  @ParameterizedTest
  @CsvSource({"0017000000hOMCh, 0017000000hOMChAAO", "00DABCDEFGHIJKL, 00DABCDEFGHIJKL255"})
  void checkedWhenShortThenAddsTheChecksum(String id, String checked) {
    assertThat(TokenPage.checked(id)).isEqualTo(checked);
  }

  @Test
  void logInWhenTheMountPointStandsTwiceThenIsStillTheTokenPage() {
    assertThat(logIn("/salesforce/services/oauth2/token")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/services/oauth2/introspect",
        "/services/oauth2/userinfo",
        "/services/oauth2/authorize",
        "/services/oauth2/token/",
        "/services/oauth2/token/x",
        "/services/OAuth2/token"
      })
  void logInWhenThePathIsAnotherThenIsNone(String path) {
    assertThat(logIn(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/services/oauth2/revoke",
        "/services/oauth2/revoke/",
        "/salesforce/services/oauth2/revoke"
      })
  void logInWhenItIsALogOutThenDeniedBeforeATokenIsLookedFor(String path) {
    assertThatThrownBy(() -> logIn(path))
        .isInstanceOf(MalformedRequestException.class)
        .hasMessageContaining("revokes nothing");
  }
}
