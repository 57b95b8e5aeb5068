// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.gateway.token.jose.ClientAssertions;
import dev.bailiwick.gateway.token.jose.ClientKeys;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CredentialStore} holds: a credential to use as it is, or the means to obtain one.
 * Immutable. A value that breaks a rule is an {@link IllegalArgumentException} that names the
 * member as it is called in the JSON form, never its value.
 */
public sealed interface StoredCredential {

  /** A credential that is sent as it is. */
  sealed interface Static extends StoredCredential {
    Credential credential();
  }

  /** A grant that a token endpoint turns into an access token. */
  sealed interface Grant extends StoredCredential {
    OAuthClient client();
  }

  /** User name and password (RFC 7617). */
  record Basic(String username, Secret password) implements Static {
    public Basic {
      Objects.requireNonNull(password, "password");
      if (username.isEmpty() || username.indexOf(':') >= 0) {
        throw new IllegalArgumentException("member \"username\": must not contain a colon");
      }
      requireNoControl("username", username);
      requireNoControl("password", password.reveal());
    }

    @Override
    public Credential credential() {
      return new Credential.BasicPair(username, password);
    }
  }

  /** A key in a header of its own. */
  record ApiKey(String header, Secret key) implements Static {
    public ApiKey {
      if (!isHeaderName(header)) {
        throw new IllegalArgumentException("member \"header\": expected a header name");
      }
      if (!isVisibleAscii(key.reveal())) {
        throw new IllegalArgumentException(
            "member \"key\": holds a character that a header cannot carry");
      }
    }

    @Override
    public Credential credential() {
      return new Credential.ApiKey(header, key);
    }
  }

  /**
   * A client certificate for TLS with the upstream, such as ServiceNow maps to a user.
   *
   * @param certificate X.509 in PEM form, the certificate itself first, then those that signed it
   * @param key its private key, PKCS#8 in PEM form
   */
  record MutualTls(String certificate, Secret key) implements Static {
    public MutualTls {
      ClientKeys.requirePair(certificate, key);
    }

    @Override
    public Credential credential() {
      return new Credential.ClientCertificate(certificate, key);
    }
  }

  /** Client credentials (RFC 6749 §4.4). */
  record ClientCredentials(OAuthClient client) implements Grant {
    public ClientCredentials {
      requireClient(client);
      if (client.secret() == null) {
        throw new IllegalArgumentException("member \"client_secret\" is missing");
      }
    }
  }

  /** A refresh token (RFC 6749 §6); replaced in the store whenever the vendor rotates it. */
  record Refresh(OAuthClient client, Secret refreshToken) implements Grant {
    public Refresh {
      requireClient(client);
      Objects.requireNonNull(refreshToken, "refreshToken");
    }
  }

  /** Resource owner password (RFC 6749 §4.3), for vendors that offer nothing better. */
  record Password(OAuthClient client, String username, Secret password) implements Grant {
    public Password {
      requireClient(client);
      Objects.requireNonNull(username, "username");
      Objects.requireNonNull(password, "password");
    }
  }

  /**
   * JWT bearer (RFC 7523 §2.1).
   *
   * @param key private key, PKCS#8 in PEM form
   * @param keyId the {@code kid} header; null sends none
   * @param lifetime of the assertion, between ten seconds and one hour
   */
  record JwtBearer(
      OAuthClient client,
      String issuer,
      String subject,
      String audience,
      Secret key,
      @Nullable String keyId,
      Duration lifetime)
      implements Grant {

    static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(3);
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    public JwtBearer {
      Objects.requireNonNull(client, "client");
      if (lifetime.compareTo(SHORTEST) < 0 || lifetime.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("member \"lifetime\": expected 10s to 1h");
      }
      try {
        ClientAssertions.requireUsable(key);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("member \"key\": " + e.getMessage());
      }
    }
  }

  private static void requireClient(OAuthClient client) {
    if (client.id() == null) {
      throw new IllegalArgumentException("member \"client_id\" is missing");
    }
  }

  private static void requireNoControl(String member, String value) {
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "member \"" + member + "\": must not hold a control character (RFC 7617 §2)");
    }
  }

  private static boolean isHeaderName(String name) {
    return !name.isEmpty()
        && name.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  /** Whether every character may stand in a header value: nothing that could start another line. */
  static boolean isVisibleAscii(String value) {
    return value.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }
}
