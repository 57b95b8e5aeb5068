// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import static dev.bailiwick.gateway.credential.CredentialFixtures.claims;
import static dev.bailiwick.gateway.credential.CredentialFixtures.entry;
import static dev.bailiwick.gateway.credential.CredentialFixtures.pem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.gateway.credential.StoredCredential.Grant;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class TokenRequestTest {

  @Test
  void ofWhenClientCredentialsThenForm() {
    TokenRequest request =
        of(
            "{'type':'oauth-client-credentials','token_endpoint':'https://a.example/token',"
                + "'client_id':'i d','client_secret':'s+/=&','scope':'a b'}");

    assertThat(body(request))
        .isEqualTo(
            "grant_type=client_credentials&scope=a+b&client_id=i+d&client_secret=s%2B%2F%3D%26");
    assertThat(request.authorization()).isNull();
  }

  @Test
  void ofWhenBasicThenEachPartIsFormEncoded() {
    TokenRequest request =
        of(
            "{'type':'oauth-refresh','token_endpoint':'https://a.example/token','client_id':'i:d',"
                + "'client_secret':'ä','client_authentication':'basic','refresh_token':'r+1'}");

    assertThat(body(request)).isEqualTo("grant_type=refresh_token&refresh_token=r%2B1");
    assertThat(authorization(request)).isEqualTo("Basic " + base64("i%3Ad:%C3%A4"));
  }

  @Test
  void ofWhenWorkdayThenItsSchemeAndTenant() {
    TokenRequest request =
        of(
            "{'type':'oauth-client-credentials','token_endpoint':'https://w.example/token',"
                + "'client_id':'i','client_secret':'s/=','client_authentication':'workday-id',"
                + "'parameters':{'tenant_alias':'acme'}}");

    assertThat(body(request)).isEqualTo("grant_type=client_credentials&tenant_alias=acme");
    assertThat(authorization(request)).isEqualTo("ID " + base64("i:s/="));
  }

  @Test
  void ofWhenPasswordThenForm() {
    TokenRequest request =
        of(
            "{'type':'oauth-password','token_endpoint':'https://a.example/token','client_id':'i',"
                + "'client_secret':'s','username':'svc','password':'p&=1'}");

    assertThat(body(request))
        .isEqualTo(
            "grant_type=password&username=svc&password=p%26%3D1&client_id=i&client_secret=s");
  }

  @Test
  void ofWhenPublicClientThenOnlyItsId() {
    TokenRequest request =
        of(
            "{'type':'oauth-refresh','token_endpoint':'https://a.example/token','client_id':'i',"
                + "'refresh_token':'r-1'}");

    assertThat(body(request)).isEqualTo("grant_type=refresh_token&refresh_token=r-1&client_id=i");
  }

  @Test
  void ofWhenJwtBearerThenAnAssertionWithTheEntrysClaims() {
    TokenRequest request =
        of(
            "{'type':'oauth-jwt-bearer','token_endpoint':'https://a.example/token','issuer':'iss',"
                + "'subject':'svc@acme.example','audience':'https://login.example','key':'"
                + pem()
                + "','key_id':'k-1','lifetime':'2m'}");

    String body = URLDecoder.decode(body(request), StandardCharsets.UTF_8);
    String head = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=";
    assertThat(body).startsWith(head);
    JsonNode claims = claims(body.substring(head.length()));
    assertThat(claims.get("iss").stringValue()).isEqualTo("iss");
    assertThat(claims.get("sub").stringValue()).isEqualTo("svc@acme.example");
    assertThat(claims.get("aud").stringValue()).isEqualTo("https://login.example");
    assertThat(claims.get("exp").longValue()).isEqualTo(FakeClock.START.getEpochSecond() + 120);
  }

  private static TokenRequest of(String json) {
    return TokenRequest.of((Grant) entry(json), FakeClock.START);
  }

  private static String body(TokenRequest request) {
    return request.body().reveal();
  }

  private static String authorization(TokenRequest request) {
    return request.authorization().reveal();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
