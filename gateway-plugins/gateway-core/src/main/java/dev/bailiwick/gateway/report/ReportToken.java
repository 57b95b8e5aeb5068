// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** What a report carries so that nobody else can complete records. Prints nothing. Immutable. */
public final class ReportToken {
  private static final int BYTES = 32;

  private final byte[] authorization;

  private ReportToken(byte[] authorization) {
    this.authorization = authorization;
  }

  /**
   * The token of a file, which is made with mode 0600 when it is not there.
   *
   * @throws IllegalArgumentException naming the file, when it cannot be read, others may read it,
   *     or it holds no token
   */
  public static ReportToken of(Path file) {
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      if (!mode.endsWith("---")) {
        throw new IllegalArgumentException(
            "others may read the report token " + file + " (" + mode + "): chmod o= it");
      }
      String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
      if (!text.matches("[A-Za-z0-9_-]{32,128}")) {
        throw new IllegalArgumentException(
            "the report token " + file + " must be 32 to 128 letters, digits, - or _");
      }
      return new ReportToken(("Bearer " + text).getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the report token " + file + ": " + e.getClass().getSimpleName() + ": " + e.getMessage(),
          e);
    }
  }

  private static void make(Path file) throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(StandardCharsets.US_ASCII.encode(text));
    } catch (FileAlreadyExistsException e) {
      // Another runner was faster: its token is as good.
    }
  }

  /** Whether these values of the {@code Authorization} header are exactly this one. */
  boolean isShownBy(List<String> values) {
    return values.size() == 1
        && MessageDigest.isEqual(
            values.get(0).getBytes(StandardCharsets.ISO_8859_1), authorization);
  }

  @Override
  public String toString() {
    return "ReportToken";
  }
}
