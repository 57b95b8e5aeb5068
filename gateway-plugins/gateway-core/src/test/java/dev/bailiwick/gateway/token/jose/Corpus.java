// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.gateway.DenyReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Malformed tokens and proofs, each described in a corpus file by what it changes in a good one:
 *
 * <ul>
 *   <li>{@code header}, {@code claims}, {@code detail}, {@code jwk}: members to replace, with null
 *       to remove one
 *   <li>{@code headerText}, {@code payload}: the whole text, where {@code ${members}} stands for
 *       the good members
 *   <li>{@code signer}, {@code signedBy}: another key
 *   <li>{@code replace}: a pattern and its replacement in the compact form, after signing
 *   <li>{@code payloadAfterwards}: claims to replace after signing
 * </ul>
 */
final class Corpus {
  static final String LONG_TEXT = "x".repeat(16 * 1024);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One line of a corpus file. */
  record Case(Map<String, Object> change) {
    String name() {
      return (String) change.get("case");
    }

    DenyReason expected() {
      return DenyReason.valueOf((String) change.get("deny"));
    }

    @Nullable String text(String member) {
      return (String) change.get(member);
    }

    boolean has(String member) {
      return change.containsKey(member);
    }

    @Override
    public String toString() {
      return expected() + ": " + name();
    }
  }

  private final Map<String, Object> placeholders = new LinkedHashMap<>();
  private final long now;

  Corpus(long now) {
    this.now = now;
    placeholders.put("${long}", LONG_TEXT);
    placeholders.put("${text513}", "x".repeat(513));
    placeholders.put("${jkt}", Lab.AGENT_KEY.thumbprint());
    placeholders.put("${jkt}=", Lab.AGENT_KEY.thumbprint() + "=");
    placeholders.put("${jwk}", Lab.OTHER_KEY.publicMembers());
    placeholders.put("${act4}", act(4));
    placeholders.put("${act40}", act(40));
    placeholders.put("${zeroSignature}", Base64Url.encode(new byte[64]));
    placeholders.put(
        "${datatypes60}", IntStream.range(0, 60).mapToObj(i -> "table/t" + i).toList());
  }

  void define(String placeholder, Object value) {
    placeholders.put(placeholder, value);
  }

  static Stream<Case> read(String file) {
    try (InputStream in = Corpus.class.getResourceAsStream(file)) {
      List<?> cases = JSON.readValue(in, List.class);
      return cases.stream().map(Corpus::toCase);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Case toCase(Object line) {
    return new Case((Map<String, Object>) line);
  }

  /** Signs the good header and claims as the case changes them. */
  String sign(
      Case line, SigningKey signer, Map<String, Object> header, Map<String, Object> claims) {
    merge(header, line.change.get("header"));
    merge(claims, line.change.get("claims"));
    String headerText =
        line.has("headerText") ? text(line.text("headerText"), header) : write(header);
    String payload = line.has("payload") ? text(line.text("payload"), claims) : write(claims);
    String compact = signer.signCompact(headerText, payload);
    if (line.has("payloadAfterwards")) {
      merge(claims, line.change.get("payloadAfterwards"));
      String[] segments = compact.split("[.]");
      compact = segments[0] + "." + encode(write(claims)) + "." + segments[2];
    }
    if (line.change.get("replace") instanceof List<?> replace) {
      Pattern pattern = Pattern.compile((String) replace.get(0));
      // A signature is random: without what the pattern looks for, the case would test nothing.
      while (!pattern.matcher(compact).find()) {
        compact = signer.signCompact(headerText, payload);
      }
      String replacement = (String) replace.get(1);
      compact =
          pattern
              .matcher(compact)
              .replaceFirst((String) placeholders.getOrDefault(replacement, replacement));
    }
    return compact;
  }

  void merge(Map<String, Object> good, @Nullable Object change) {
    if (change instanceof Map<?, ?> members) {
      members.forEach(
          (name, value) -> {
            if (value == null) {
              good.remove((String) name);
            } else {
              good.put((String) name, resolve(value));
            }
          });
    }
  }

  private Object resolve(Object value) {
    return switch (value) {
      case String text when placeholders.containsKey(text) -> placeholders.get(text);
      case String text when text.startsWith("${now") ->
          now + Long.parseLong(text.substring(5, text.length() - 1));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .collect(Collectors.toMap(e -> (String) e.getKey(), e -> resolve(e.getValue())));
      case List<?> list -> list.stream().map(this::resolve).toList();
      default -> value;
    };
  }

  private static String text(String template, Map<String, Object> good) {
    String json = write(good);
    return template
        .replace("${members}", json.substring(1, json.length() - 1))
        .replace("${deep}", "[".repeat(200) + "]".repeat(200));
  }

  private static Map<String, Object> act(int depth) {
    Map<String, Object> act = Map.of("iss", "i", "sub", "s");
    for (int i = 1; i < depth; i++) {
      act = Map.of("iss", "i", "sub", "s", "act", act);
    }
    return act;
  }

  private static String write(Map<String, Object> object) {
    return JSON.writeValueAsString(object);
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
