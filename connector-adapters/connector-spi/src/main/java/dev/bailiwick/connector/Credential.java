// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;

/** A live upstream credential, ready to be applied to a request by {@link VendorCall#outbound}. */
public sealed interface Credential {

  /** {@code Authorization: Bearer …} (RFC 6750 §2.1). */
  record BearerToken(Secret token) implements Credential {
    public BearerToken {
      Objects.requireNonNull(token, "token");
    }
  }

  /** {@code Authorization: Basic …} (RFC 7617). The user name must not contain a colon. */
  record BasicPair(String username, Secret password) implements Credential {
    public BasicPair {
      Objects.requireNonNull(password, "password");
      if (username.isEmpty() || username.indexOf(':') >= 0) {
        throw new IllegalArgumentException("username: expected a non-empty name without a colon");
      }
    }
  }

  /**
   * A client certificate for TLS (RFC 8446 §4.4.2): nothing stands on the request, the connection
   * says who calls.
   *
   * @param chain PEM, the certificate itself first
   * @param key its private key, PKCS#8 in PEM form
   */
  record ClientCertificate(String chain, Secret key) implements Credential {
    public ClientCertificate {
      Objects.requireNonNull(chain, "chain");
      Objects.requireNonNull(key, "key");
    }
  }

  /** A key in a header of its own, such as ServiceNow's {@code x-sn-apikey}. */
  record ApiKey(String header, Secret key) implements Credential {
    public ApiKey {
      Objects.requireNonNull(key, "key");
      header = Headers.requireName(header);
    }
  }
}
