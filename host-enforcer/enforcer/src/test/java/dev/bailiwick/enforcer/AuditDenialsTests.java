// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Records as Linux 6.18 writes them, with the parts that do not matter here left out. */
class AuditDenialsTests {
  private static final int UID = 1_900_000_001;

  private final List<Denial> denials = new ArrayList<>();
  private final AuditDenials audit =
      new AuditDenials(
          uid -> uid == UID,
          denials::add,
          () -> {},
          number -> number == 41 ? Optional.of("socket") : Optional.empty());

  @Test
  void recordWhenSeccompDeniesThenCallIsNamed() {
    audit.record(
        1326,
        "audit(1.5:3): auid=4294967295 uid=1900000001 gid=1 ses=1 pid=40 comm=\"agent\""
            + " exe=\"/usr/bin/agent\" sig=0 arch=c000003e syscall=41 compat=0 code=0x50000");

    assertThat(denials)
        .containsExactly(new Denial(40, UID, "agent", "seccomp", "socket", "system call socket"));
  }

  @Test
  void recordWhenForeignAbiThenItsNumberIsNotTranslated() {
    audit.record(
        1326, "audit(1.5:3): uid=1900000001 pid=40 comm=\"agent\" arch=40000003 syscall=41");

    assertThat(denials)
        .containsExactly(
            new Denial(40, UID, "agent", "seccomp", "abi", "system call 41 of a foreign ABI"));
  }

  @Test
  void recordWhenSomebodyElseIsDeniedThenIsNotOurs() {
    audit.record(1326, "audit(1.5:3): uid=0 pid=40 comm=\"agent\" arch=c000003e syscall=41");
    audit.record(1423, "audit(1.5:4): domain=a1 blockers=fs.read_file path=\"/etc/shadow\"");
    audit.record(1424, "audit(1.5:4): domain=a1 status=allocated pid=40 uid=0 comm=\"agent\"");
    audit.record(1300, "audit(1.5:4): arch=c000003e syscall=257 pid=40 uid=0 comm=\"agent\"");
    audit.flush();

    assertThat(denials).isEmpty();
  }

  @Test
  void recordWhenLandlockDeniesThenProcessComesFromTheSameSerial() {
    audit.record(1423, "audit(1.5:9): domain=a1 blockers=fs.read_file path=\"/etc/shadow\" ino=8");
    audit.record(1424, "audit(1.5:9): domain=a1 status=allocated pid=39 uid=1900000001 comm=\"x\"");
    audit.record(1300, "audit(1.5:9): syscall=257 pid=41 uid=1900000001 comm=\"cat\"");

    assertThat(denials)
        .containsExactly(
            new Denial(41, UID, "cat", "landlock", "fs.read_file", "file /etc/shadow"));
  }

  @Test
  void flushWhenNoProcessFollowsThenThatOfTheDomainIsTaken() {
    audit.record(1424, "audit(1.5:8): domain=a1 status=allocated pid=39 uid=1900000001 comm=\"x\"");
    audit.record(1423, "audit(1.5:9): domain=a1 blockers=scope.signal opid=1 ocomm=\"init\"");

    audit.flush();

    assertThat(denials)
        .containsExactly(new Denial(39, UID, "x", "landlock", "scope.signal", "process 1 (init)"));
  }

  @Test
  void recordWhenNamesAreHexadecimalThenTheyAreRead() {
    audit.record(1424, "audit(1.5:8): domain=a1 status=allocated pid=39 uid=1900000001 comm=780A");
    audit.record(
        1423, "audit(1.5:9): domain=a1 blockers=fs.write_file path=2F746D702F612062 dev=\"vda\"");
    audit.record(1320, "audit(1.5:9): ");

    assertThat(denials)
        .containsExactly(new Denial(39, UID, "x?", "landlock", "fs.write_file", "file /tmp/a b"));
  }
}
