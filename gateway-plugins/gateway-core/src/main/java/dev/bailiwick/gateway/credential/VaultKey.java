// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import dev.bailiwick.gateway.token.jose.VaultJwe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What opens a {@link FileVault}: 32 random bytes from a file or the environment, or a passphrase.
 * Prints as its kind only. Thread-safe.
 */
public abstract sealed class VaultKey {

  /** The environment variable that holds a key as base64url without padding (RFC 4648 §5). */
  public static final String VARIABLE = "BAILIWICK_VAULT_KEY";

  private static final int MIN_PASSPHRASE = 12;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private final String kind;
  private final VaultJwe.Lock lock;

  private VaultKey(String kind, VaultJwe.Lock lock) {
    this.kind = kind;
    this.lock = lock;
  }

  /**
   * A key file of exactly 32 bytes that only its owner can read. It is read at every use, so a file
   * that was replaced after {@link FileVault#rotate} is followed without a restart.
   */
  public static VaultKey ofFile(Path file) {
    VaultKey key = new OfFile(file);
    Arrays.fill(key.material(), (byte) 0);
    return key;
  }

  /** The key in {@link #VARIABLE}; empty when that variable is not set. */
  public static Optional<VaultKey> ofEnvironment(Map<String, String> environment) {
    String text = environment.get(VARIABLE);
    if (text == null) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      // The decoder's message names a character of the key.
      bytes = new byte[0];
    }
    if (bytes.length != VaultJwe.KEY_BYTES) {
      throw unusable(VARIABLE + " does not hold 32 bytes as base64url");
    }
    return Optional.of(new OfBytes("key from " + VARIABLE, VaultJwe.Lock.KEY, bytes));
  }

  /**
   * A passphrase of at least twelve characters; the caller clears the array. Every use costs about
   * half a second of one core.
   */
  public static VaultKey ofPassphrase(char[] passphrase) {
    if (passphrase.length < MIN_PASSPHRASE) {
      throw unusable("the passphrase has fewer than " + MIN_PASSPHRASE + " characters");
    }
    try {
      // The same letters typed on two systems may be composed differently (RFC 8265 §4.2.2).
      ByteBuffer bytes =
          StandardCharsets.UTF_8
              .newEncoder()
              .encode(
                  CharBuffer.wrap(
                      Normalizer.normalize(CharBuffer.wrap(passphrase), Normalizer.Form.NFC)));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return new OfBytes("passphrase", VaultJwe.Lock.PASSPHRASE, copy);
    } catch (CharacterCodingException e) {
      throw unusable("the passphrase is not valid Unicode text");
    }
  }

  /** Writes a new random key into a file that must not exist yet, readable by its owner only. */
  public static VaultKey generate(Path newFile) {
    byte[] bytes = new byte[VaultJwe.KEY_BYTES];
    RANDOM.nextBytes(bytes);
    try (FileChannel channel =
        FileChannel.open(
            newFile,
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new CredentialStoreException(
          Problem.PRESENT, "the key file " + newFile + " is already there and is not overwritten");
    } catch (IOException e) {
      throw new CredentialStoreException(
          Problem.STORAGE, "the key file " + newFile + " cannot be written: " + reason(e), e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    return ofFile(newFile);
  }

  /** For sentences, such as {@code passphrase}. */
  String kind() {
    return kind;
  }

  VaultJwe.Lock lock() {
    return lock;
  }

  String seal(byte[] content) {
    byte[] material = material();
    try {
      return switch (lock) {
        case KEY -> VaultJwe.sealWithKey(material, content);
        case PASSPHRASE -> VaultJwe.sealWithPassphrase(material, content);
      };
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  Optional<byte[]> open(String sealed) {
    byte[] material = material();
    try {
      return switch (lock) {
        case KEY -> VaultJwe.openWithKey(material, sealed);
        case PASSPHRASE -> VaultJwe.openWithPassphrase(material, sealed);
      };
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  /** A copy that the caller overwrites. */
  abstract byte[] material();

  @Override
  public final String toString() {
    return "VaultKey[" + kind + "]";
  }

  /** What the system says, without the class names of Java. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    String said = e instanceof FileSystemException fs ? fs.getReason() : e.getMessage();
    return said == null ? e.getClass().getSimpleName() : said;
  }

  private static CredentialStoreException unusable(String sentence) {
    return new CredentialStoreException(Problem.KEY, sentence);
  }

  private static final class OfBytes extends VaultKey {
    private final byte[] bytes;

    OfBytes(String kind, VaultJwe.Lock lock, byte[] bytes) {
      super(kind, lock);
      this.bytes = bytes;
    }

    @Override
    byte[] material() {
      return bytes.clone();
    }
  }

  private static final class OfFile extends VaultKey {
    private final Path file;

    OfFile(Path file) {
      super("key file " + file, VaultJwe.Lock.KEY);
      this.file = file;
    }

    @Override
    byte[] material() {
      try {
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(file);
        if (granted.stream().anyMatch(OTHERS::contains)) {
          throw unusable(
              "the key file "
                  + file
                  + " is open to others (mode "
                  + PosixFilePermissions.toString(granted)
                  + "); run: chmod 600 "
                  + file);
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
          bytes = in.readNBytes(VaultJwe.KEY_BYTES + 1);
        }
        if (bytes.length != VaultJwe.KEY_BYTES) {
          throw unusable("the key file " + file + " does not hold exactly 32 bytes");
        }
        return bytes;
      } catch (NoSuchFileException e) {
        throw unusable("there is no key file " + file);
      } catch (IOException e) {
        throw unusable("the key file " + file + " cannot be read: " + reason(e));
      }
    }
  }
}
