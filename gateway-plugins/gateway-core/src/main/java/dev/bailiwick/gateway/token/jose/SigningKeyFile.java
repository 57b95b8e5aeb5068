// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.connector.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Signing keys in files that only their owner can read. An existing file is never overwritten. */
public final class SigningKeyFile {
  private static final Set<OpenOption> NEW =
      Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private SigningKeyFile() {}

  /** Writes the private JWK into a new file. */
  public static void saveJwk(SigningKey key, Path file) throws IOException {
    save(key.privateJwk(), file);
  }

  /** Writes the private key as PKCS#8 PEM into a new file, for tools such as openssl. */
  public static void savePem(SigningKey key, Path file) throws IOException {
    save(key.privatePem(), file);
  }

  /**
   * Reads a private JWK.
   *
   * @throws IOException when the file cannot be read, or others than its owner may read it
   * @throws IllegalArgumentException when it holds no signing key; the message names the file
   */
  public static SigningKey load(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory: name the file of a signing key");
    }
    if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IOException(file + " holds a key that others may read: chmod 600 it");
    }
    try {
      return SigningKey.fromJwk(Secret.of(Files.readString(file)));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " holds no signing key: it is not UTF-8", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " holds no signing key: " + e.getMessage(), e);
    }
  }

  private static void save(Secret secret, Path file) throws IOException {
    try (var channel =
        Files.newByteChannel(file, NEW, PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      channel.write(ByteBuffer.wrap(secret.reveal().getBytes(StandardCharsets.UTF_8)));
    }
  }
}
