// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a trail goes, signed: a tail that is cut off later leaves a head that names more records
 * than there are.
 *
 * @param segment number of the file that holds the last record
 * @param sequence of the last record; 0 before the first
 * @param hash of the last record
 * @param key fingerprint of the public key
 * @param signature over {@link #signedText()}
 */
record Head(
    String writer,
    int segment,
    long sequence,
    String hash,
    Instant time,
    String key,
    String signature) {

  private static final Pattern FORM =
      Pattern.compile(
          "\\{\"writer\":\"([A-Za-z0-9._-]{1,64})\",\"segment\":([1-9][0-9]{0,8}),"
              + "\"sequence\":(0|[1-9][0-9]{0,17}),\"hash\":\"([0-9a-f]{64})\","
              + "\"time\":(0|[1-9][0-9]{0,17}),\"key\":\"([0-9a-f]{64})\","
              + "\"signature\":\"([0-9a-f]{128})\"\\}\n");

  static Head sign(
      String writer, int segment, long sequence, String hash, Instant time, SigningKey key) {
    String fingerprint = SigningKey.fingerprint(key.publicKey());
    Head unsigned = new Head(writer, segment, sequence, hash, time, fingerprint, "");
    return new Head(
        writer, segment, sequence, hash, time, fingerprint, key.sign(unsigned.signedText()));
  }

  /** The head of a writer; empty when the file is missing or not in the form of a head. */
  static Optional<Head> read(Path file) throws IOException {
    if (Files.notExists(file) || Files.size(file) > 1024) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    if (!form.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Head(
            form.group(1),
            Integer.parseInt(form.group(2)),
            Long.parseLong(form.group(3)),
            form.group(4),
            Instant.ofEpochMilli(Long.parseLong(form.group(5))),
            form.group(6),
            form.group(7)));
  }

  boolean isSignedBy(PublicKey publicKey) {
    return key.equals(SigningKey.fingerprint(publicKey))
        && SigningKey.verifies(publicKey, signedText(), signature);
  }

  /** The file's content without {@code ,"signature":"…"} and without the line feed. */
  private byte[] signedText() {
    return (body() + "}").getBytes(StandardCharsets.US_ASCII);
  }

  String text() {
    return body() + ",\"signature\":\"" + signature + "\"}\n";
  }

  private String body() {
    return "{\"writer\":\""
        + writer
        + "\",\"segment\":"
        + segment
        + ",\"sequence\":"
        + sequence
        + ",\"hash\":\""
        + hash
        + "\",\"time\":"
        + time.toEpochMilli()
        + ",\"key\":\""
        + key
        + "\"";
  }
}
