// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import java.security.Provider;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The Amazon Corretto Crypto Provider, if the operator put it on the class path. It verifies
 * signatures several times faster than the JDK; without it everything works the same. It is used
 * here and registered nowhere, so the rest of the process keeps its providers.
 */
final class NativeCrypto {
  private static final String CLASS_NAME =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  private static final Optional<Provider> PROVIDER =
      ServiceLoader.load(Provider.class).stream()
          .filter(candidate -> candidate.type().getName().equals(CLASS_NAME))
          .map(ServiceLoader.Provider::get)
          // On a platform that its native library does not know, it offers nothing.
          .filter(provider -> provider.getService("Signature", "SHA256withECDSA") != null)
          .findFirst();

  private NativeCrypto() {}

  static Optional<Provider> provider() {
    return PROVIDER;
  }
}
