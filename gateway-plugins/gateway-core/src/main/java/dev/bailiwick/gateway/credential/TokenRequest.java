// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.token.jose.ClientAssertions;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request to a token endpoint (RFC 6749 §4, §6; RFC 7523 §2.1).
 *
 * @param body form-encoded
 * @param authorization value of the header, if the client authenticates in one
 */
record TokenRequest(URI endpoint, Secret body, @Nullable Secret authorization) {

  static TokenRequest of(StoredCredential.Grant grant, Instant now) {
    OAuthClient client = grant.client();
    Map<String, String> form = new LinkedHashMap<>();
    switch (grant) {
      case StoredCredential.ClientCredentials credentials ->
          form.put("grant_type", "client_credentials");
      case StoredCredential.Refresh refresh -> {
        form.put("grant_type", "refresh_token");
        form.put("refresh_token", refresh.refreshToken().reveal());
      }
      case StoredCredential.Password password -> {
        form.put("grant_type", "password");
        form.put("username", password.username());
        form.put("password", password.password().reveal());
      }
      case StoredCredential.JwtBearer bearer -> {
        form.put("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        form.put("assertion", assertion(bearer, now).reveal());
      }
    }
    if (client.scope() != null) {
      form.put("scope", client.scope());
    }
    client.parameters().forEach((name, value) -> form.put(name, value.reveal()));
    if (client.authentication() == OAuthClient.Authentication.POST) {
      addClient(form, client);
    }
    return new TokenRequest(client.tokenEndpoint(), Secret.of(encode(form)), authorization(client));
  }

  private static void addClient(Map<String, String> form, OAuthClient client) {
    if (client.id() != null) {
      form.put("client_id", client.id());
    }
    Secret secret = client.secret();
    if (secret != null) {
      form.put("client_secret", secret.reveal());
    }
  }

  private static @Nullable Secret authorization(OAuthClient client) {
    return switch (client.authentication()) {
      case POST -> null;
      case BASIC -> Secret.of("Basic " + pair(client, true));
      case WORKDAY_ID -> Secret.of("ID " + pair(client, false));
    };
  }

  private static String pair(OAuthClient client, boolean encoded) {
    String id = Objects.requireNonNull(client.id(), "id");
    String secret = Objects.requireNonNull(client.secret(), "secret").reveal();
    String pair = encoded ? encode(id) + ":" + encode(secret) : id + ":" + secret;
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static Secret assertion(StoredCredential.JwtBearer grant, Instant now) {
    return ClientAssertions.sign(
        grant.key(),
        grant.keyId(),
        new ClientAssertions.Claims(
            grant.issuer(), grant.subject(), grant.audience(), now, now.plus(grant.lifetime())));
  }

  private static String encode(Map<String, String> form) {
    return form.entrySet().stream()
        .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
