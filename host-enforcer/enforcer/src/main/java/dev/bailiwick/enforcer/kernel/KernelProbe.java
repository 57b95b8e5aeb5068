// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.util.List;

/**
 * Asks the kernel by doing: loads a two-instruction program of each type, asks for Landlock's ABI,
 * offers seccomp a filter. Versions and configuration files prove nothing. Immutable; made by
 * {@link KernelPart#probe}, because the library must be loaded first.
 */
public final class KernelProbe {
  private static final int CGROUP_SKB = 8;
  private static final int CGROUP_SOCK = 9;
  private static final int CGROUP_SOCK_ADDR = 18;
  private static final int LSM = 29;
  private static final int LSM_MAC = 27;

  /**
   * Whether programs of a kind load.
   *
   * @param name such as {@code cgroup/connect4}
   * @param errno 0 when they do
   */
  public record Answer(String name, int errno) {
    public boolean loads() {
      return errno == 0;
    }
  }

  private final byte[] lsmObject;

  KernelProbe(byte[] lsmObject) {
    this.lsmObject = lsmObject.clone();
  }

  /** The program kinds that the network rule is made of. */
  public List<Answer> cgroupPrograms() {
    return List.of(
        program("cgroup/connect4", CGROUP_SOCK_ADDR, 10),
        program("cgroup/connect6", CGROUP_SOCK_ADDR, 11),
        program("cgroup/sendmsg4", CGROUP_SOCK_ADDR, 14),
        program("cgroup/sendmsg6", CGROUP_SOCK_ADDR, 15),
        program("cgroup/bind4", CGROUP_SOCK_ADDR, 8),
        program("cgroup/bind6", CGROUP_SOCK_ADDR, 9),
        program("cgroup/sock_create", CGROUP_SOCK, 2),
        program("cgroup_skb/ingress", CGROUP_SKB, 0),
        program("cgroup_skb/egress", CGROUP_SKB, 1));
  }

  /** Whether the LSM programs load, all of them, after a smaller one did. */
  public Answer bpfLsm() {
    Answer smallest = program("lsm", LSM, LSM_MAC);
    return smallest.loads() ? new Answer("lsm", NativeBridge.probeLsm(lsmObject)) : smallest;
  }

  /** LSM hooks that our programs are for and that this kernel does not have. */
  public List<String> absentLsmHooks() {
    String names = NativeBridge.lsmAbsent(lsmObject);
    return names == null || names.isEmpty() ? List.of() : List.of(names.split(" ", -1));
  }

  /** Landlock's ABI, or a negative errno when there is none. */
  public int landlockAbi() {
    return NativeBridge.landlockAbi();
  }

  public Answer seccomp() {
    return new Answer("seccomp", NativeBridge.probeSeccomp());
  }

  private static Answer program(String name, int programType, int attachType) {
    return new Answer(name, NativeBridge.probeProgram(programType, attachType));
  }
}
