// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A store in memory that can be told to fail and to wait. */
final class FakeCredentialStore implements CredentialStore {
  private final Map<String, StoredEntry> entries = new ConcurrentHashMap<>();
  private final AtomicInteger versions = new AtomicInteger();
  private final FakeClock clock;
  private volatile Runnable beforeGet = () -> {};
  private volatile Runnable beforeReplace = () -> {};

  FakeCredentialStore(FakeClock clock) {
    this.clock = clock;
  }

  StoredEntry put(String name, StoredCredential credential) {
    StoredEntry entry =
        new StoredEntry(name, credential, "v" + versions.incrementAndGet(), clock.instant());
    entries.put(name, entry);
    return entry;
  }

  void remove(String name) {
    entries.remove(name);
  }

  void beforeGet(Runnable action) {
    beforeGet = action;
  }

  void beforeReplace(Runnable action) {
    beforeReplace = action;
  }

  @Override
  public Optional<StoredEntry> get(String name) {
    beforeGet.run();
    return Optional.ofNullable(entries.get(name));
  }

  @Override
  public Optional<StoredEntry> replace(StoredEntry expected, StoredCredential replacement) {
    beforeReplace.run();
    if (!expected.equals(entries.get(expected.name()))) {
      return Optional.empty();
    }
    return Optional.of(put(expected.name(), replacement));
  }
}
