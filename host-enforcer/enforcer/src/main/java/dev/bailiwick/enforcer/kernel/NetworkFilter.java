// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup BPF programs on one cgroup, their maps and their event ring. Everything below the
 * cgroup is judged by them: a sandbox is a cgroup with an entry, and what has no entry is denied
 * everything.
 *
 * <p>A policy is a number with destinations; a sandbox has one policy, and gets another in one
 * step. Thread-safe, except that only one thread at a time may call {@link #poll}.
 */
public final class NetworkFilter implements AutoCloseable {
  /** Of which nothing is ever allowed. */
  public static final int NOTHING = 0;

  private static final String AGENTS = "bailiwick_agents";
  private static final String ACCOUNTS = "bailiwick_accounts";
  private static final String RECORDED = "bailiwick_recorded";
  private static final String EXACT = "bailiwick_exact";
  private static final String RANGES = "bailiwick_ranges";
  private static final int AGENT_BYTES = 16;
  private static final int ACCOUNT_BYTES = 24;
  private static final int ACCOUNT_LOST = 16;
  private static final int MAY_BIND_UDP = 1;
  private static final int MAY_LISTEN = 2;
  private static final int MAY_USE_UNIX = 4;
  private static final int MAY_USE_NETLINK = 8;
  private static final int MAY_EXEC_MEMORY = 16;
  private static final int MAY_SERVE_HOST = 32;
  private static final int EVENTS_PER_POLL = 1024;
  private static final int NO_DESCRIPTOR = -1;
  private static final byte[] PRESENT = {1};

  /** Something that is denied to a sandbox unless its entry opens it. */
  public enum Door {
    /** An ephemeral UDP port. */
    BIND_UDP(MAY_BIND_UDP),
    /** TCP listeners on loopback, for callers of the same sandbox. */
    LISTEN(MAY_LISTEN),
    /** With {@link #LISTEN}: for every caller of the host. */
    SERVE_HOST(MAY_SERVE_HOST),
    /** Unix sockets by path; asked by LSM programs only. */
    UNIX_SOCKETS(MAY_USE_UNIX),
    /** Route netlink; asked by LSM programs only. */
    NETLINK(MAY_USE_NETLINK),
    /** Executing what has no name; asked by LSM programs only. */
    EXEC_MEMORY(MAY_EXEC_MEMORY);

    private final int flag;

    Door(int flag) {
      this.flag = flag;
    }
  }

  /**
   * What a sandbox's entry says.
   *
   * @param policy which destinations it reaches
   * @param agent a number that comes back with each of its events
   * @param doors what is open to it beside its destinations
   */
  public record Entry(int policy, int agent, Set<Door> doors) {
    public Entry {
      doors = Set.copyOf(doors);
    }

    private byte[] bytes() {
      int flags = doors.stream().mapToInt(door -> door.flag).reduce(0, (a, b) -> a | b);
      return allocate(AGENT_BYTES).putInt(policy).putInt(agent).putInt(flags).array();
    }
  }

  /**
   * A program as the kernel has it.
   *
   * @param attached whether the kernel runs it on the cgroup, asked of the kernel
   * @param runs 0 unless runs are counted
   */
  public record Program(String name, boolean attached, long runs, long nanoseconds) {}

  private final long handle;
  private final ByteBuffer events =
      ByteBuffer.allocateDirect(EVENTS_PER_POLL * KernelEvent.BYTES).order(ByteOrder.nativeOrder());
  private boolean closed;

  private NetworkFilter(long handle) {
    this.handle = handle;
  }

  /**
   * Verifies and loads the programs; nothing is attached yet.
   *
   * @param level how deep a sandbox's cgroup is in the hierarchy, as far as this process sees it
   */
  public static NetworkFilter load(KernelPart part, int level) throws IOException {
    return new NetworkFilter(NativeBridge.load(part.bpfObject(), level, null));
  }

  /**
   * The same with maps that outlive this process: those that are pinned below a directory are taken
   * up with all that they say, others are made and pinned.
   *
   * @param pins a directory in a BPF file system
   */
  public static NetworkFilter load(KernelPart part, int level, Path pins) throws IOException {
    Path maps = maps(pins);
    Files.createDirectories(maps);
    return new NetworkFilter(NativeBridge.load(part.bpfObject(), level, bytes(maps)));
  }

  /**
   * Attaches to a cgroup and pins every link, so that the rule outlives this process. A link that
   * is pinned there is taken up, and made to run these programs in one step if it runs others.
   *
   * @return how many links had to be made: until now, their programs were not in force
   */
  public int attach(Path cgroup, Path pins) throws IOException {
    return NativeBridge.attach(handle, bytes(cgroup), bytes(pins));
  }

  /**
   * Pins again what somebody unpinned, links and maps, while this process held it. Something else
   * that was put there is taken away.
   *
   * @return how many pins were missing
   * @throws IOException when a pin cannot be made, with its name
   */
  public int pinAgain(Path pins) throws IOException {
    Path maps = maps(pins);
    Files.createDirectories(maps);
    return NativeBridge.pinAgain(handle, bytes(pins), bytes(maps));
  }

  private static Path maps(Path pins) {
    return pins.resolve(NativeBridge.mapsDirectory());
  }

  /** Every program, with what the kernel says about it. */
  public List<Program> programs(Path cgroup) throws IOException {
    List<Program> programs = new ArrayList<>();
    String name = NativeBridge.programName(handle, 0);
    while (name != null) {
      long[] state = NativeBridge.programState(handle, programs.size(), bytes(cgroup));
      programs.add(
          state == null
              ? new Program(name, false, 0, 0)
              : new Program(name, state[0] != 0, state[1], state[2]));
      name = NativeBridge.programName(handle, programs.size());
    }
    return programs;
  }

  /** Lets a policy reach a destination. */
  public void allow(int policy, Endpoint endpoint) throws IOException {
    if (policy == NOTHING) {
      throw new IllegalArgumentException("policy " + NOTHING + " reaches nothing");
    }
    if (endpoint.isExact()) {
      NativeBridge.put(handle, EXACT, endpoint.exactKey(policy), PRESENT);
    } else {
      NativeBridge.put(handle, RANGES, endpoint.rangeKey(policy), PRESENT);
    }
  }

  /** Takes a destination away from a policy. */
  public void forbid(int policy, Endpoint endpoint) throws IOException {
    if (endpoint.isExact()) {
      NativeBridge.remove(handle, EXACT, endpoint.exactKey(policy), PRESENT.length);
    } else {
      NativeBridge.remove(handle, RANGES, endpoint.rangeKey(policy), PRESENT.length);
    }
  }

  /**
   * Takes every destination away from policies that nobody has any more.
   *
   * @param living the policies to leave alone
   */
  public void forbidAllBut(Set<Integer> living) throws IOException {
    sweep(EXACT, Endpoint.EXACT_KEY_BYTES, 0, living);
    sweep(RANGES, Endpoint.RANGE_KEY_BYTES, Integer.BYTES, living);
  }

  private void sweep(String map, int keyBytes, int policyOffset, Set<Integer> living)
      throws IOException {
    ByteBuffer keys =
        ByteBuffer.wrap(NativeBridge.keys(handle, map)).order(ByteOrder.nativeOrder());
    byte[] key = new byte[keyBytes];
    while (keys.remaining() >= keyBytes) {
      int policy = keys.getInt(keys.position() + policyOffset);
      keys.get(key);
      if (!living.contains(policy)) {
        NativeBridge.remove(handle, map, key, PRESENT.length);
      }
    }
  }

  /** The number by which the maps know a cgroup. */
  public static long idOf(Path cgroup) throws IOException {
    return NativeBridge.cgroupId(bytes(cgroup));
  }

  /** Makes a cgroup a sandbox, or gives a sandbox another entry in one step. */
  public void admit(long cgroup, Entry entry) throws IOException {
    byte[] key = key(cgroup);
    if (account(key) == null) {
      NativeBridge.put(handle, ACCOUNTS, key, new byte[ACCOUNT_BYTES]);
    }
    NativeBridge.put(handle, AGENTS, key, entry.bytes());
  }

  /** From here on the cgroup is no sandbox any more and reaches nothing. */
  public void dismiss(long cgroup) throws IOException {
    byte[] key = key(cgroup);
    NativeBridge.remove(handle, AGENTS, key, AGENT_BYTES);
    NativeBridge.remove(handle, ACCOUNTS, key, ACCOUNT_BYTES);
    NativeBridge.remove(handle, RECORDED, key, Long.BYTES);
  }

  /** The greatest policy number that the maps know. */
  public int greatestPolicy() throws IOException {
    int greatest = NOTHING;
    ByteBuffer exact = keys(EXACT);
    for (int at = 0; at < exact.limit(); at += Endpoint.EXACT_KEY_BYTES) {
      greatest = Math.max(greatest, exact.getInt(at));
    }
    ByteBuffer ranges = keys(RANGES);
    for (int at = Integer.BYTES; at < ranges.limit(); at += Endpoint.RANGE_KEY_BYTES) {
      greatest = Math.max(greatest, ranges.getInt(at));
    }
    return greatest;
  }

  private ByteBuffer keys(String map) throws IOException {
    return ByteBuffer.wrap(NativeBridge.keys(handle, map)).order(ByteOrder.nativeOrder());
  }

  /** The cgroups that have an entry. */
  public Set<Long> admitted() throws IOException {
    ByteBuffer keys = keys(AGENTS);
    Set<Long> cgroups = new HashSet<>();
    while (keys.hasRemaining()) {
      cgroups.add(keys.getLong());
    }
    return cgroups;
  }

  /** How many destinations the maps hold, of all policies. */
  public int destinations() throws IOException {
    return NativeBridge.keys(handle, EXACT).length / Endpoint.EXACT_KEY_BYTES
        + NativeBridge.keys(handle, RANGES).length / Endpoint.RANGE_KEY_BYTES;
  }

  /**
   * Hands over the denials that are there, waiting up to a timeout for the first.
   *
   * @return how many there were
   */
  public int poll(int timeoutMillis, Consumer<KernelEvent> receiver) throws IOException {
    return poll(timeoutMillis, NO_DESCRIPTOR, receiver);
  }

  /** The same, but does not wait any longer when the kernel's audit has something to say. */
  public int poll(int timeoutMillis, AuditTrail audit, Consumer<KernelEvent> receiver)
      throws IOException {
    return poll(timeoutMillis, audit.descriptor(), receiver);
  }

  private int poll(int timeoutMillis, int other, Consumer<KernelEvent> receiver)
      throws IOException {
    events.clear();
    events.limit(NativeBridge.poll(handle, events, timeoutMillis, other));
    int count = 0;
    while (events.hasRemaining()) {
      receiver.accept(KernelEvent.decode(events));
      count++;
    }
    return count;
  }

  /** Ends a {@link #poll} that waits; later ones do not wait any more. */
  public void wake() throws IOException {
    NativeBridge.wake(handle);
  }

  /**
   * Denials of a sandbox that are counted and not told, since it was admitted: repetitions of a
   * flood, and those for which the ring had no room. They were denied all the same.
   */
  public long lost(long cgroup) throws IOException {
    byte[] account = account(key(cgroup));
    return account == null
        ? 0
        : ByteBuffer.wrap(account).order(ByteOrder.nativeOrder()).getLong(ACCOUNT_LOST);
  }

  /** Notes, for the next process, how many of the {@link #lost} are in the trail. */
  public void noteRecorded(long cgroup, long lost) throws IOException {
    NativeBridge.put(handle, RECORDED, key(cgroup), allocate(Long.BYTES).putLong(lost).array());
  }

  /** What was last noted; 0 if nothing was. */
  public long recorded(long cgroup) throws IOException {
    byte[] value = NativeBridge.get(handle, RECORDED, key(cgroup), Long.BYTES);
    return value == null ? 0 : ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }

  /** The same for what has no entry. */
  public long lostByNobody() throws IOException {
    return lost(0);
  }

  private byte @Nullable [] account(byte[] key) throws IOException {
    return NativeBridge.get(handle, ACCOUNTS, key, ACCOUNT_BYTES);
  }

  private static byte[] key(long cgroup) {
    return allocate(Long.BYTES).putLong(cgroup).array();
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  /** Lets go of everything. What is pinned stays in force until its pin is removed. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      NativeBridge.close(handle);
    }
  }

  long handle() {
    return handle;
  }

  static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }
}
