// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The kinds of {@link StoredCredential} with the members of their JSON form, in asking order. */
public enum CredentialType {
  BASIC("basic"),
  API_KEY("api-key"),
  MUTUAL_TLS("mutual-tls"),
  CLIENT_CREDENTIALS("oauth-client-credentials"),
  REFRESH("oauth-refresh"),
  PASSWORD("oauth-password"),
  JWT_BEARER("oauth-jwt-bearer");

  /**
   * One member of the JSON form.
   *
   * @param secret whether a prompt must hide what is typed
   */
  public record Member(String name, boolean required, boolean secret) {
    static Member required(String name) {
      return new Member(name, true, false);
    }

    static Member optional(String name) {
      return new Member(name, false, false);
    }

    static Member hidden(String name) {
      return new Member(name, true, true);
    }
  }

  private final String label;

  CredentialType(String label) {
    this.label = label;
  }

  /** The value of the member {@code type}, such as {@code oauth-refresh}. */
  public String label() {
    return label;
  }

  public List<Member> members() {
    return switch (this) {
      case BASIC -> List.of(Member.required("username"), Member.hidden("password"));
      case API_KEY -> List.of(Member.required("header"), Member.hidden("key"));
      case MUTUAL_TLS -> List.of(Member.required("certificate"), Member.hidden("key"));
      case CLIENT_CREDENTIALS -> client(true, true);
      case REFRESH -> and(client(true, false), Member.hidden("refresh_token"));
      case PASSWORD ->
          and(client(true, false), Member.required("username"), Member.hidden("password"));
      case JWT_BEARER ->
          // The assertion names the client: its id is a member only where the vendor wants both.
          and(
              client(false, false),
              Member.required("issuer"),
              Member.required("subject"),
              Member.required("audience"),
              Member.hidden("key"),
              Member.optional("key_id"),
              Member.optional("lifetime"));
    };
  }

  public static Optional<CredentialType> ofLabel(String label) {
    return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
  }

  static CredentialType of(StoredCredential credential) {
    return switch (credential) {
      case StoredCredential.Basic basic -> BASIC;
      case StoredCredential.ApiKey key -> API_KEY;
      case StoredCredential.MutualTls tls -> MUTUAL_TLS;
      case StoredCredential.ClientCredentials grant -> CLIENT_CREDENTIALS;
      case StoredCredential.Refresh grant -> REFRESH;
      case StoredCredential.Password grant -> PASSWORD;
      case StoredCredential.JwtBearer grant -> JWT_BEARER;
    };
  }

  private static List<Member> client(boolean idRequired, boolean secretRequired) {
    return List.of(
        Member.required("token_endpoint"),
        new Member("client_id", idRequired, false),
        new Member("client_secret", secretRequired, true),
        Member.optional("client_authentication"),
        Member.optional("scope"),
        Member.optional("parameters"));
  }

  private static List<Member> and(List<Member> first, Member... rest) {
    return Stream.concat(first.stream(), Arrays.stream(rest)).toList();
  }
}
