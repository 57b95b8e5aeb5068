// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The native methods, as {@code jni/native_bridge.c} implements them. Package-private on purpose:
 * the classes beside it turn handles and byte arrays into things that cannot be misused.
 */
final class NativeBridge {
  private NativeBridge() {}

  /** Loads the library; a second call with the same file does nothing. */
  static void open(Path library) {
    System.load(library.toString());
  }

  /** 0, or the errno with which the kernel refuses a program of this type. */
  static native int probeProgram(int programType, int attachType);

  /** Landlock's ABI, or a negative errno. */
  static native int landlockAbi();

  /** 0, or the errno with which a filter would be refused. */
  static native int probeSeccomp();

  /** Name of the directory below which maps of this build's layout are pinned. */
  static native String mapsDirectory();

  static native long load(byte[] object, int level, byte @Nullable [] maps) throws IOException;

  /** How many links had to be made, because none was pinned. */
  static native int attach(long handle, byte[] cgroup, byte[] pins) throws IOException;

  /** How many pins had to be made again. */
  static native int pinAgain(long handle, byte[] pins, byte[] maps) throws IOException;

  /** Attached (1 or 0), runs, nanoseconds; null behind the last program. */
  static native long @Nullable [] programState(long handle, int index, byte[] cgroup)
      throws IOException;

  static native @Nullable String programName(long handle, int index);

  /** A descriptor; runs are counted while it is open. */
  static native int countRuns() throws IOException;

  static native void put(long handle, String map, byte[] key, byte[] value) throws IOException;

  static native boolean remove(long handle, String map, byte[] key, int valueBytes)
      throws IOException;

  static native byte @Nullable [] get(long handle, String map, byte[] key, int valueBytes)
      throws IOException;

  static native byte[] keys(long handle, String map) throws IOException;

  static native int poll(long handle, ByteBuffer direct, int timeoutMillis, int other)
      throws IOException;

  static native void wake(long handle) throws IOException;

  static native void close(long handle);

  /** 0, or the errno with which the kernel refuses the LSM programs. */
  static native int probeLsm(byte[] object);

  /** Hooks that this kernel lacks, separated by spaces. */
  static native @Nullable String lsmAbsent(byte[] object);

  /**
   * A handle on LSM programs that are attached and pinned, and share the maps of another handle.
   */
  static native long loadLsm(long owner, byte[] object, int level, byte[] pins) throws IOException;

  /** How many pins had to be made again. */
  static native int pinLsmAgain(long handle, byte[] pins) throws IOException;

  static native void closeLsm(long handle);

  static native long cgroupId(byte[] path) throws IOException;

  static native void mountBpf(byte[] path) throws IOException;

  static native int openAudit() throws IOException;

  /** Bytes of one netlink message, 0 when none came in time, -1 when some were dropped. */
  static native int readAudit(int descriptor, ByteBuffer direct, int timeoutMillis)
      throws IOException;

  static native void closeAudit(int descriptor);

  static native boolean auditEnabled();

  static native @Nullable String systemCallName(int number);

  /** Pid in the low half, control channel in the high half. */
  static native long spawn(byte[] launcher, byte[] spec) throws IOException;

  /** Pid, 0 when the process gave up, -1 when the channel's patience ended before. */
  static native int awaitConfined(int control);

  static native int awaitBorn(int control);

  static native void release(int control, boolean go);

  static native int waitFor(int pid) throws IOException;

  /** Whether {@link #spawnConfined} exists on this architecture. */
  static native boolean canSpawnConfined();

  /** Pid in the low half, its pidfd in the high half. */
  static native long spawnConfined(
      byte[] spec, byte[] cgroup, int in, int out, int err, int control) throws IOException;

  static native int reap(int pid) throws IOException;

  static native int listenAt(byte[] path, int mode) throws IOException;

  /** A connection, or -1 when there is none. */
  static native int accept(int listener, int patienceMillis) throws IOException;

  /** Uid in the low half, pid in the high half. */
  static native long peer(int connection) throws IOException;

  /** Bytes received, 0 at the end; {@code descriptors} has three places, -1 where there is none. */
  static native int receive(int connection, byte[] into, int offset, int[] descriptors)
      throws IOException;

  static native void send(int connection, byte[] bytes, int[] descriptors) throws IOException;

  static native void closeDescriptor(int descriptor);

  /** A connected pair; the first, which waits no longer than that, in the low half. */
  static native long pair(int patienceMillis) throws IOException;

  static native void go(int control);

  static native void hangUp(int control);

  /** What a process that failed had to say; null when nothing. Does not wait. */
  static native byte @Nullable [] complaint(int control);

  static native int sealed(byte[] content) throws IOException;

  static native int openProgram(byte[] path) throws IOException;

  static native int openWatch() throws IOException;

  static native void watch(int watch, int descriptor, long name, boolean again) throws IOException;

  static native int awaitReadable(int watch, long[] names) throws IOException;

  static native int openBell() throws IOException;

  static native void ring(int bell);

  static native void signalProcess(int pidfd, int signal);

  /** Sockets ended in the low half, the last errno in the high half. */
  static native long endSockets(int uid) throws IOException;
}
