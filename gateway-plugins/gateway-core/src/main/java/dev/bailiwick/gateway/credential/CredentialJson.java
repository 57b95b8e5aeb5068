// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON form of a {@link StoredCredential}: one object whose {@code type} is a {@link
 * CredentialType#label} and whose members are that type's. Reading is strict: a member that is
 * missing, unknown, doubled or of the wrong kind is an {@link IllegalArgumentException} that names
 * the entry and the member and never shows a value.
 */
public final class CredentialJson {
  private static final int MAX_ENTRY_BYTES = 64 * 1024;
  private static final Pattern NAME =
      Pattern.compile("(?=.{1,128}\\z)[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*");
  private static final Pattern SHOWABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smh])");

  static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(16)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private CredentialJson() {}

  /**
   * Reads the JSON form.
   *
   * @param name of the entry, such as {@code servicenow/acme}; see {@link #requireName}
   * @param json UTF-8, at most 64 KiB
   */
  public static StoredCredential read(String name, byte[] json) {
    requireName(name);
    if (json.length > MAX_ENTRY_BYTES) {
      throw problem(name, "is longer than " + MAX_ENTRY_BYTES / 1024 + " KiB");
    }
    return read(name, tree(name, json));
  }

  /** Lower-case letters, digits and {@code . _ -} in segments parted by a slash. */
  public static String requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "expected an entry name such as servicenow/acme: lower-case letters, digits and . _ -"
              + " in segments parted by /, at most 128 characters");
    }
    return name;
  }

  static StoredCredential read(String name, JsonNode node) {
    if (!(node instanceof ObjectNode object)) {
      throw problem(name, "is not a JSON object");
    }
    JsonNode label = object.get("type");
    CredentialType type =
        label != null && label.isString()
            ? CredentialType.ofLabel(label.stringValue()).orElse(null)
            : null;
    if (type == null) {
      throw problem(name, "member \"type\": expected one of " + labels());
    }
    Members members = new Members(name, type, object);
    try {
      return credential(type, members);
    } catch (EntryException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw problem(name, String.valueOf(e.getMessage()));
    }
  }

  static ObjectNode write(StoredCredential credential) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("type", CredentialType.of(credential).label());
    switch (credential) {
      case StoredCredential.Basic basic -> {
        node.put("username", basic.username());
        node.put("password", basic.password().reveal());
      }
      case StoredCredential.ApiKey key -> {
        node.put("header", key.header());
        node.put("key", key.key().reveal());
      }
      case StoredCredential.MutualTls tls -> {
        node.put("certificate", tls.certificate());
        node.put("key", tls.key().reveal());
      }
      case StoredCredential.ClientCredentials grant -> writeClient(node, grant.client());
      case StoredCredential.Refresh grant -> {
        writeClient(node, grant.client());
        node.put("refresh_token", grant.refreshToken().reveal());
      }
      case StoredCredential.Password grant -> {
        writeClient(node, grant.client());
        node.put("username", grant.username());
        node.put("password", grant.password().reveal());
      }
      case StoredCredential.JwtBearer grant -> {
        writeClient(node, grant.client());
        node.put("issuer", grant.issuer());
        node.put("subject", grant.subject());
        node.put("audience", grant.audience());
        node.put("key", grant.key().reveal());
        putIfPresent(node, "key_id", grant.keyId());
        node.put("lifetime", grant.lifetime().toSeconds() + "s");
      }
    }
    return node;
  }

  private static StoredCredential credential(CredentialType type, Members members) {
    return switch (type) {
      case BASIC ->
          new StoredCredential.Basic(members.text("username"), members.hidden("password"));
      case API_KEY -> new StoredCredential.ApiKey(members.text("header"), members.hidden("key"));
      case MUTUAL_TLS ->
          new StoredCredential.MutualTls(members.text("certificate"), members.hidden("key"));
      case CLIENT_CREDENTIALS -> new StoredCredential.ClientCredentials(members.client());
      case REFRESH ->
          new StoredCredential.Refresh(members.client(), members.hidden("refresh_token"));
      case PASSWORD ->
          new StoredCredential.Password(
              members.client(), members.text("username"), members.hidden("password"));
      case JWT_BEARER ->
          new StoredCredential.JwtBearer(
              members.client(),
              members.text("issuer"),
              members.text("subject"),
              members.text("audience"),
              members.hidden("key"),
              members.optionalText("key_id"),
              members.duration("lifetime", StoredCredential.JwtBearer.DEFAULT_LIFETIME));
    };
  }

  private static void writeClient(ObjectNode node, OAuthClient client) {
    node.put("token_endpoint", client.tokenEndpoint().toString());
    putIfPresent(node, "client_id", client.id());
    Secret secret = client.secret();
    if (secret != null) {
      node.put("client_secret", secret.reveal());
    }
    node.put("client_authentication", label(client.authentication()));
    putIfPresent(node, "scope", client.scope());
    if (!client.parameters().isEmpty()) {
      ObjectNode parameters = node.putObject("parameters");
      new TreeMap<>(client.parameters())
          .forEach((name, value) -> parameters.put(name, value.reveal()));
    }
  }

  private static void putIfPresent(ObjectNode node, String member, @Nullable String value) {
    if (value != null) {
      node.put(member, value);
    }
  }

  private static JsonNode tree(String name, byte[] json) {
    try {
      return STRICT.readTree(json);
    } catch (JacksonException e) {
      // Its message quotes the text around the fault, which may be a secret.
      TokenStreamLocation at = e.getLocation();
      throw problem(
          name,
          "is not valid JSON"
              + (at == null || at.getLineNr() < 1
                  ? ""
                  : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"));
    }
  }

  private static String label(OAuthClient.Authentication authentication) {
    return authentication.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String labels() {
    return Stream.of(CredentialType.values())
        .map(CredentialType::label)
        .collect(Collectors.joining(", "));
  }

  private static EntryException problem(String name, String what) {
    return new EntryException("entry " + name + ": " + what);
  }

  /** Already names its entry. */
  private static final class EntryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    EntryException(String message) {
      super(message);
    }
  }

  /** The members of one entry, checked against the table of its type. */
  private record Members(String entry, CredentialType type, ObjectNode object) {

    Members {
      List<String> known = type.members().stream().map(CredentialType.Member::name).toList();
      for (String member : object.propertyNames()) {
        if (!member.equals("type") && !known.contains(member)) {
          throw problem(
              entry,
              (SHOWABLE.matcher(member).matches() ? "member \"" + member + "\"" : "a member")
                  + " is not known for type "
                  + type.label()
                  + "; known are "
                  + String.join(", ", known));
        }
      }
      for (CredentialType.Member member : type.members()) {
        if (member.required() && !object.has(member.name())) {
          throw problem(entry, "member \"" + member.name() + "\" is missing");
        }
      }
    }

    String text(String member) {
      String value = optionalText(member);
      if (value == null) {
        throw problem(entry, "member \"" + member + "\" is missing");
      }
      return value;
    }

    @Nullable String optionalText(String member) {
      JsonNode node = object.get(member);
      return node == null ? null : text(node, member);
    }

    Secret hidden(String member) {
      return Secret.of(text(member));
    }

    @Nullable Secret optionalHidden(String member) {
      String value = optionalText(member);
      return value == null ? null : Secret.of(value);
    }

    Duration duration(String member, Duration otherwise) {
      String value = optionalText(member);
      if (value == null) {
        return otherwise;
      }
      Matcher matcher = DURATION.matcher(value);
      if (!matcher.matches()) {
        throw problem(entry, "member \"" + member + "\": expected a duration such as 180s or 3m");
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    }

    OAuthClient client() {
      return new OAuthClient(
          uri("token_endpoint"),
          optionalText("client_id"),
          optionalHidden("client_secret"),
          authentication(),
          optionalText("scope"),
          parameters());
    }

    private URI uri(String member) {
      try {
        return URI.create(text(member));
      } catch (IllegalArgumentException e) {
        throw problem(entry, "member \"" + member + "\": expected a URL");
      }
    }

    private OAuthClient.Authentication authentication() {
      String value = optionalText("client_authentication");
      if (value == null) {
        return OAuthClient.Authentication.POST;
      }
      return Stream.of(OAuthClient.Authentication.values())
          .filter(authentication -> label(authentication).equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  problem(
                      entry,
                      "member \"client_authentication\": expected post, basic or workday-id"));
    }

    private Map<String, Secret> parameters() {
      JsonNode node = object.get("parameters");
      if (node == null) {
        return Map.of();
      }
      if (!node.isObject()) {
        throw problem(entry, "member \"parameters\": expected an object of strings");
      }
      Map<String, Secret> parameters = new HashMap<>();
      node.properties()
          .forEach(
              parameter ->
                  parameters.put(
                      parameter.getKey(), Secret.of(text(parameter.getValue(), "parameters"))));
      return parameters;
    }

    private String text(JsonNode node, String member) {
      if (!node.isString()) {
        throw problem(entry, "member \"" + member + "\": expected a string");
      }
      String value = node.stringValue();
      if (value.isEmpty()) {
        throw problem(entry, "member \"" + member + "\" is empty");
      }
      if (hasLoneSurrogate(value)) {
        throw problem(entry, "member \"" + member + "\": holds half of a surrogate pair");
      }
      return value;
    }

    /** Such text cannot be written as UTF-8: it would come back as another text. */
    private static boolean hasLoneSurrogate(String value) {
      return value
          .codePoints()
          .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }
  }
}
