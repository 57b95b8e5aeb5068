// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;

/**
 * Headers with a credential on them.
 *
 * @param headers every header, the credential among them
 * @param names the headers that carry it
 */
public record AppliedCredential(Headers headers, Set<String> names) {
  public AppliedCredential {
    Objects.requireNonNull(headers, "headers");
    names = Set.copyOf(names);
  }

  /** Puts a credential on headers the way its kind says; whatever stood there is replaced. */
  public static AppliedCredential to(Headers headers, Credential credential) {
    return switch (credential) {
      case Credential.BearerToken bearer ->
          applied(headers, "authorization", "Bearer " + bearer.token().reveal());
      case Credential.BasicPair pair -> applied(headers, "authorization", basic(pair));
      case Credential.ClientCertificate certificate ->
          new AppliedCredential(headers.without(Set.of("authorization")), Set.of());
      case Credential.ApiKey key -> applied(headers, key.header(), key.key().reveal());
    };
  }

  private static String basic(Credential.BasicPair pair) {
    String text = pair.username() + ":" + pair.password().reveal();
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static AppliedCredential applied(Headers headers, String name, String value) {
    return new AppliedCredential(headers.with(name, value), Set.of(name));
  }
}
