// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReservationTests {
  private final Path run = Sandboxes.freshDirectory().resolve("run");

  @Test
  void takeWhenSeveralThenUidsDifferAndAreInRange() throws Exception {
    Set<Integer> uids = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      uids.add(Reservation.take(run, OptionalInt.empty()).uid());
    }

    assertThat(uids).hasSize(20).allMatch(Reservation::inRange);
  }

  @Test
  void takeWhenUidIsTakenThenIsDenied() throws Exception {
    try (Reservation first = Reservation.take(run, OptionalInt.of(Reservation.FIRST_UID))) {
      assertThatThrownBy(() -> Reservation.take(run, OptionalInt.of(first.uid())))
          .isInstanceOf(SandboxException.class)
          .hasMessageContaining("belongs to a sandbox that is running");
    }

    try (Reservation second = Reservation.take(run, OptionalInt.of(Reservation.FIRST_UID))) {
      assertThat(second.uid()).isEqualTo(Reservation.FIRST_UID);
    }
  }

  @Test
  void takeStaleWhenHolderLivesThenItIsLeftAlone() throws Exception {
    try (Reservation living = Reservation.take(run, OptionalInt.empty())) {
      assertThat(Reservation.takeStale(run)).isEmpty();
      assertThat(Reservation.inRange(living.uid())).isTrue();
    }
  }

  @Test
  void takeStaleWhenHolderIsGoneThenItIsTakenOver() throws Exception {
    Reservation abandoned = Reservation.take(run, OptionalInt.empty());
    abandoned.abandon();

    assertThat(Reservation.takeStale(run))
        .singleElement()
        .satisfies(
            stale -> {
              assertThat(stale.uid()).isEqualTo(abandoned.uid());
              stale.close();
            });
    assertThat(run.resolve("runs")).isEmptyDirectory();
  }

  @Test
  void takeStaleWhenDirectoryIsNobodysThenItIsLeftAlone() throws Exception {
    Reservation.take(run, OptionalInt.empty()).close();
    Path foreign = Files.createDirectories(run.resolve("runs").resolve("0"));

    assertThat(Reservation.takeStale(run)).isEmpty();
    assertThat(foreign).exists();
  }
}
