// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentHeadersTests {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization",
        "Proxy-Authorization",
        "Authentication",
        "Cookie",
        "DPoP",
        "Txn-Token",
        "Client-Cert",
        "Client-Cert-Chain",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "HTTP2-Settings",
        "Host",
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Client-Cert",
        "X-Original-URL",
        "X_Original_URL",
        "X-Auth_Token",
        "X_Forwarded_For",
        "X-Vendor-Key"
      })
  void toUpstreamWhenHeaderAuthenticatesOrIsOneHopThenRemoves(String name) {
    Headers headers = Headers.none().with(name, "x").with("Accept", "application/json");

    Headers sent = AgentHeaders.toUpstream(headers, List.of("x-vendor-key"));

    assertThat(sent).isEqualTo(Headers.none().with("Accept", "application/json"));
  }

  @Test
  void toUpstreamWhenConnectionNamesAHeaderThenRemovesIt() {
    Headers headers =
        Headers.none().with("Connection", "close, X-Secret-Hop").with("x-secret-hop", "1");

    assertThat(AgentHeaders.toUpstream(headers, List.of()).fields()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-HTTP-Method-Override",
        "x-http-method",
        "X-METHOD-OVERRIDE",
        "X_HTTP_Method_Override",
        "X-Http_Method"
      })
  void denyOverridesWhenPresentThenForbidden(String name) {
    Headers headers = Headers.none().with(name, "DELETE");

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> AgentHeaders.denyOverrides(headers))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN));
  }

  @Test
  void denyOverridesWhenAbsentThenPasses() {
    assertThatCode(() -> AgentHeaders.denyOverrides(Headers.none().with("Accept", "x")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Set-Cookie", "Set-Cookie2", "Transfer-Encoding", "Alt-Svc", "Refresh"})
  void toAgentWhenHeaderIsACredentialOrLeadsAwayThenRemoves(String name) {
    Headers headers = Headers.none().with(name, "x").with("X-Total-Count", "5");

    assertThat(AgentHeaders.toAgent(headers)).isEqualTo(Headers.none().with("X-Total-Count", "5"));
  }

  @Test
  void appliedCredentialWhenBearerThenReplacesAuthorization() {
    AppliedCredential applied =
        AppliedCredential.to(
            Headers.none().with("Authorization", "Bearer agent"),
            new Credential.BearerToken(Secret.of("stored")));

    assertThat(applied.headers().all("authorization")).containsExactly("Bearer stored");
    assertThat(applied.names()).containsExactly("authorization");
  }

  @Test
  void appliedCredentialWhenBasicThenEncodesUtf8() {
    AppliedCredential applied =
        AppliedCredential.to(
            Headers.none(), new Credential.BasicPair("Aladdin", Secret.of("open sesame")));

    assertThat(applied.headers().first("authorization"))
        .contains("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  }

  @Test
  void appliedCredentialWhenApiKeyThenUsesItsOwnHeader() {
    AppliedCredential applied =
        AppliedCredential.to(
            Headers.none(), new Credential.ApiKey("X-SN-APIKey", Secret.of("key")));

    assertThat(applied.headers().first("x-sn-apikey")).contains("key");
    assertThat(applied.names()).containsExactly("x-sn-apikey");
    assertThat(applied.toString()).doesNotContain("key)");
  }
}
