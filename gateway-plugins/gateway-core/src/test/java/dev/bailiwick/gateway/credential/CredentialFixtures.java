// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** Entries and settings that several tests share. */
final class CredentialFixtures {
  static final String NAME = "servicenow/acme";
  static final String REFERENCE = "vault:" + NAME;

  static final BrokerSettings.Endpoint ENDPOINT =
      new BrokerSettings.Endpoint(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          3,
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(8),
          BreakerSettings.tokenEndpoint());

  /** The store is not checked on a timer: the test says when. */
  static final BrokerSettings SETTINGS =
      new BrokerSettings(
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofDays(1),
          Duration.ofSeconds(5),
          ENDPOINT);

  private CredentialFixtures() {}

  static BrokerSettings.Endpoint timeout(Duration timeout) {
    return new BrokerSettings.Endpoint(
        ENDPOINT.connectTimeout(),
        timeout,
        ENDPOINT.attempts(),
        ENDPOINT.retryPause(),
        ENDPOINT.failurePause(),
        ENDPOINT.longestFailurePause(),
        ENDPOINT.breaker());
  }

  static BrokerSettings with(BrokerSettings.Endpoint endpoint) {
    return new BrokerSettings(
        SETTINGS.refreshMargin(),
        SETTINGS.expiryMargin(),
        SETTINGS.storeCheck(),
        SETTINGS.renewalPause(),
        endpoint);
  }

  /** An entry from JSON with single quotes. */
  static StoredCredential entry(String json) {
    return CredentialJson.read(NAME, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  static StoredCredential.Grant clientCredentials(String url) {
    return (StoredCredential.Grant)
        entry(
            "{'type':'oauth-client-credentials','token_endpoint':'"
                + url
                + "','client_id':'id-1','client_secret':'s3cret+/=&'}");
  }

  static StoredCredential.Grant refresh(String url, String refreshToken) {
    return (StoredCredential.Grant)
        entry(
            "{'type':'oauth-refresh','token_endpoint':'"
                + url
                + "','client_id':'id-1','refresh_token':'"
                + refreshToken
                + "'}");
  }

  static StoredCredential.Grant password(String url) {
    return (StoredCredential.Grant)
        entry(
            "{'type':'oauth-password','token_endpoint':'"
                + url
                + "','client_id':'id-1','client_secret':'s-1','username':'svc','password':'p&=1'}");
  }

  static StoredCredential.Grant jwtBearer(String url) {
    return (StoredCredential.Grant)
        entry(
            "{'type':'oauth-jwt-bearer','token_endpoint':'"
                + url
                + "','issuer':'id-1','subject':'svc','audience':'https://login.example','key':'"
                + pem()
                + "'}");
  }

  /** A new P-256 key as it stands in JSON. */
  static String pem() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
      return "-----BEGIN PRIVATE KEY-----\\n"
          + Base64.getEncoder().encodeToString(key)
          + "\\n-----END PRIVATE KEY-----";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The claims of a signed token, unverified. */
  static JsonNode claims(String jwt) {
    return CredentialJson.STRICT.readTree(Base64.getUrlDecoder().decode(jwt.split("\\.")[1]));
  }

  static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
