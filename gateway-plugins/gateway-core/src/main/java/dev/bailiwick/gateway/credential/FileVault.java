// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.gateway.credential.CredentialStoreException.Problem;
import dev.bailiwick.gateway.token.jose.VaultJwe;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CredentialStore} in one encrypted file, for a gateway of one process and for the command
 * line beside it. Every read sees the newest file, so a change by another process takes effect
 * without a restart. A write either happens as a whole and survives a crash, or not at all; a file
 * that cannot be read is never written.
 *
 * <p>Thread-safe; several processes may write. Errors are {@link CredentialStoreException}; a name
 * that is none is an {@link IllegalArgumentException}.
 */
public final class FileVault implements CredentialStore {

  /** What a list shows of an entry: nothing secret. */
  public record Listing(String name, CredentialType type, Instant updated) {}

  /** Two changes may carry the same file time; one that comes this much later does not. */
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final VaultFile file;
  private final VaultKey key;
  private final Clock clock;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile @Nullable Loaded loaded;

  /**
   * @param seenNanos when this stamp was first seen
   * @param readNanos when the file was last read and still had these contents
   */
  private record Loaded(
      VaultFile.Stamp stamp,
      long seenNanos,
      long readNanos,
      String sealed,
      VaultContents contents) {
    @Override
    public String toString() {
      return "Loaded[" + contents.entries().size() + " entries]";
    }
  }

  private FileVault(VaultFile file, VaultKey key, Clock clock) {
    this.file = file;
    this.key = key;
    this.clock = clock;
  }

  /** Writes a new, empty vault; an existing file is never overwritten. */
  public static FileVault init(Path path, VaultKey key, Clock clock) {
    VaultFile file = new VaultFile(path, LOCK_WAIT);
    file.exclusively(
        () -> {
          if (file.exists()) {
            throw new CredentialStoreException(
                Problem.PRESENT, "the vault " + file.path() + " is already there");
          }
          file.write(key.seal(VaultContents.empty().toJson()));
          return file;
        });
    return open(file, key, clock);
  }

  /** Opens a vault and reads it once, so that a wrong key is told now. */
  public static FileVault open(Path path, VaultKey key, Clock clock) {
    return open(new VaultFile(path, LOCK_WAIT), key, clock);
  }

  static FileVault open(VaultFile file, VaultKey key, Clock clock) {
    FileVault vault = new FileVault(file, key, clock);
    VaultContents unused = vault.contents();
    return vault;
  }

  /** All entries in order of name. */
  public List<Listing> list() {
    return contents().entries().values().stream()
        .map(
            entry ->
                new Listing(entry.name(), CredentialType.of(entry.credential()), entry.updated()))
        .toList();
  }

  @Override
  public Optional<StoredEntry> get(String name) {
    CredentialJson.requireName(name);
    return Optional.ofNullable(contents().entries().get(name));
  }

  /** Adds an entry or replaces one. */
  public StoredEntry put(String name, StoredCredential credential) {
    CredentialJson.requireName(name);
    return file.exclusively(() -> write(contents(), name, credential));
  }

  @Override
  public Optional<StoredEntry> replace(StoredEntry expected, StoredCredential replacement) {
    return file.exclusively(
        () -> {
          VaultContents contents = contents();
          StoredEntry current = contents.entries().get(expected.name());
          return current == null || !current.version().equals(expected.version())
              ? Optional.empty()
              : Optional.of(write(contents, expected.name(), replacement));
        });
  }

  /** Removes an entry; false when there is none. */
  public boolean remove(String name) {
    CredentialJson.requireName(name);
    return file.exclusively(
        () -> {
          VaultContents contents = contents();
          boolean there = contents.entries().containsKey(name);
          if (there) {
            write(contents.without(name));
          }
          return there;
        });
  }

  /**
   * Seals the whole vault with another key.
   *
   * @return the vault under its new key; this one can no longer read it, unless its key file is
   *     replaced by the new key
   */
  public FileVault rotate(VaultKey newKey) {
    FileVault rotated = new FileVault(file, newKey, clock);
    return file.exclusively(
        () -> {
          rotated.write(contents());
          return rotated;
        });
  }

  @Override
  public String toString() {
    return "FileVault[" + file.path() + ", " + key + "]";
  }

  private StoredEntry write(VaultContents contents, String name, StoredCredential credential) {
    StoredEntry entry = new StoredEntry(name, credential, newVersion(), clock.instant());
    write(contents.with(entry));
    return entry;
  }

  private void write(VaultContents contents) {
    file.write(key.seal(contents.toJson()));
  }

  private VaultContents contents() {
    Loaded current = loaded;
    return current != null && isCurrent(current) ? current.contents() : load().contents();
  }

  private boolean isCurrent(Loaded current) {
    return current.readNanos() - current.seenNanos() > SETTLED_NANOS
        && current.stamp().equals(file.stamp());
  }

  private Loaded load() {
    loading.lock();
    try {
      // The stamp first: a file that is replaced in between is then read once more next time.
      VaultFile.Stamp stamp = file.stamp();
      long now = System.nanoTime();
      String sealed = file.read();
      Loaded previous = loaded;
      long seen = previous != null && previous.stamp().equals(stamp) ? previous.seenNanos() : now;
      VaultContents contents =
          previous != null && previous.sealed().equals(sealed)
              ? previous.contents()
              : unseal(sealed);
      Loaded next = new Loaded(stamp, seen, now, sealed, contents);
      loaded = next;
      return next;
    } finally {
      loading.unlock();
    }
  }

  private VaultContents unseal(String sealed) {
    VaultJwe.Lock lock =
        VaultJwe.lock(sealed)
            .orElseThrow(
                () ->
                    new CredentialStoreException(
                        Problem.FORMAT,
                        "the vault " + file.path() + " is sealed in a way this version lacks"));
    if (lock != key.lock()) {
      throw new CredentialStoreException(
          Problem.WRONG_KEY,
          "the vault "
              + file.path()
              + (lock == VaultJwe.Lock.KEY
                  ? " is sealed with a key, not with a passphrase"
                  : " is sealed with a passphrase, not with a key"));
    }
    byte[] json =
        key.open(sealed)
            .orElseThrow(
                () ->
                    new CredentialStoreException(
                        Problem.WRONG_KEY,
                        "the vault " + file.path() + " was not sealed with this " + key.kind()));
    return VaultContents.ofJson(json)
        .orElseThrow(
            () ->
                new CredentialStoreException(
                    Problem.FORMAT,
                    "the vault " + file.path() + " holds entries that this version cannot read"));
  }

  private static String newVersion() {
    byte[] bytes = new byte[12];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
