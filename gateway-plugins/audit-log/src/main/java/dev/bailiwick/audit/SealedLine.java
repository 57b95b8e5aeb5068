// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line of a trail: a JSON object that ends in the hash of everything else in it.
 *
 * <p>The hash stands in the bytes {@code ,"hash":"<64 hex digits>"} right before the three braces
 * that close the line, and is the SHA-256 of the line without these bytes and without the line
 * feed. Bytes are hashed as they stand in the file; nobody has to agree on a canonical JSON.
 */
record SealedLine(String writer, long sequence, String previous, String hash, JsonNode json) {

  /** What the first record names as the hash before it. */
  static final String GENESIS = "0".repeat(64);

  /** Longest line, in bytes, that is written or read. */
  static final int MAX_BYTES = 1 << 20;

  private static final byte[] OPEN = ",\"hash\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLOSE = "\"}}}".getBytes(StandardCharsets.US_ASCII);
  private static final int BRACES = 3;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Hash of a line that has none yet. */
  static String hash(byte[] unsealed) {
    return HexFormat.of().formatHex(sha256().digest(unsealed));
  }

  /** The line with its hash and line feed. */
  static byte[] seal(LineBytes unsealed, String hash) {
    int body = unsealed.size() - BRACES;
    byte[] line = unsealed.resized(BRACES, OPEN.length + hash.length() + CLOSE.length + 1);
    System.arraycopy(OPEN, 0, line, body, OPEN.length);
    byte[] digits = hash.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, line, body + OPEN.length, digits.length);
    System.arraycopy(CLOSE, 0, line, line.length - CLOSE.length - 1, CLOSE.length);
    line[line.length - 1] = '\n';
    return line;
  }

  /** Last bytes of the line with this hash, line feed included. */
  static byte[] ending(String hash) {
    return (hash + "\"}}}\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads a line without its line feed; empty unless the line agrees with its own hash. */
  static Optional<SealedLine> read(byte[] line) {
    int digits = line.length - CLOSE.length - GENESIS.length();
    int body = digits - OPEN.length;
    if (body < 0
        || !Arrays.equals(line, body, digits, OPEN, 0, OPEN.length)
        || !Arrays.equals(line, line.length - CLOSE.length, line.length, CLOSE, 0, CLOSE.length)) {
      return Optional.empty();
    }
    String hash = new String(line, digits, GENESIS.length(), StandardCharsets.ISO_8859_1);
    MessageDigest digest = sha256();
    digest.update(line, 0, body);
    digest.update(line, line.length - BRACES, BRACES);
    if (!HASH.matcher(hash).matches()
        || !MessageDigest.isEqual(HexFormat.of().parseHex(hash), digest.digest())) {
      return Optional.empty();
    }
    return parse(line, hash);
  }

  private static Optional<SealedLine> parse(byte[] line, String hash) {
    try {
      JsonNode json = JSON.readTree(line);
      JsonNode metadata = json.path("metadata");
      String previous = json.path("unmapped").path("bailiwick").path("previous").asString("");
      return Optional.of(
          new SealedLine(
              metadata.path("log_name").asString(""),
              metadata.path("sequence").longValue(0),
              previous,
              hash,
              json));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  Instant time() {
    return Instant.ofEpochMilli(json.path("time").longValue(0));
  }

  String kind() {
    return json.path("unmapped").path("bailiwick").path("kind").asString("");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
