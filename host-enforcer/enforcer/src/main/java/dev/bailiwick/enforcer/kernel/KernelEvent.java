// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A denial as a BPF program reported it: {@code struct bailiwick_event} of {@code
 * include/bailiwick.h}.
 *
 * @param pid 0 for packets, which belong to no process any more
 * @param family the kernel's number, such as 2 for IPv4
 * @param protocol the kernel's number, such as 6 for TCP
 * @param port 0 where the hook knows none
 * @param command the process's name, at most 15 characters; chosen by the agent, so printable only
 */
public record KernelEvent(
    long cgroup,
    int agent,
    int pid,
    int uid,
    Hook hook,
    int family,
    int type,
    int protocol,
    InetAddress address,
    int port,
    String command) {

  static final int BYTES = 64;
  private static final int COMMAND_BYTES = 16;

  /** Where in the kernel. The order is that of {@code enum bailiwick_hook}, from 1. */
  public enum Hook {
    CONNECT4,
    CONNECT6,
    SENDMSG4,
    SENDMSG6,
    BIND4,
    BIND6,
    SOCK_CREATE,
    EGRESS,
    INGRESS,
    LSM_SOCKET,
    LSM_CONNECT,
    LSM_SEND,
    LSM_BIND,
    LSM_LISTEN,
    LSM_SOCKET_OPTION,
    LSM_UNIX,
    LSM_DESCRIPTOR,
    LSM_EXEC,
    LSM_TRACE,
    LSM_SIGNAL,
    LSM_NAMESPACE,
    LSM_BPF,
    LSM_PERF,
    LSM_FILE,
    LSM_MOUNT,
    LSM_IPC,
    LSM_IO_URING;

    /** Which layer it belongs to: {@code cgroup-bpf} or {@code bpf-lsm}. */
    public String layer() {
      return compareTo(LSM_SOCKET) < 0 ? "cgroup-bpf" : "bpf-lsm";
    }

    /** The name under which evidence has it, such as {@code connect4}. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private static final int SOCK_RAW = 3;

  /** Two zero groups or more, with the colons around them. */
  private static final Pattern ZEROS = Pattern.compile("(^|:)0(:0)+(:|$)");

  /** What was asked for: {@code tcp 198.51.100.7:443}, or {@code raw protocol 1} for a socket. */
  public String destination() {
    String kind = type == SOCK_RAW ? "raw " + protocolName() : protocolName();
    return switch (hook) {
      case CONNECT4,
          CONNECT6,
          SENDMSG4,
          SENDMSG6,
          BIND4,
          BIND6,
          EGRESS,
          INGRESS,
          LSM_CONNECT,
          LSM_SEND,
          LSM_BIND ->
          kind + " " + host() + ":" + port;
      case SOCK_CREATE -> kind + " socket";
      case LSM_SOCKET -> "socket of family " + family + ", type " + type;
      case LSM_LISTEN -> "tcp listener";
      case LSM_SOCKET_OPTION -> "socket option";
      case LSM_UNIX -> "unix socket";
      case LSM_DESCRIPTOR -> "descriptor from outside";
      case LSM_EXEC -> "program without a name";
      case LSM_TRACE, LSM_SIGNAL -> "process " + process();
      case LSM_NAMESPACE -> "user namespace";
      case LSM_BPF -> "system call bpf";
      case LSM_PERF -> "system call perf_event_open";
      case LSM_FILE -> "file of the kernel's";
      case LSM_MOUNT -> "mount";
      case LSM_IPC -> "System V object";
      case LSM_IO_URING -> "io_uring";
    };
  }

  /** Whose pid the hooks that are about another process put where others have the address. */
  private int process() {
    return ByteBuffer.wrap(Endpoint.mapped(address)).order(ByteOrder.nativeOrder()).getInt();
  }

  /** As in a URL: IPv6 in brackets, its first longest run of zeros as {@code ::} (RFC 5952). */
  private String host() {
    String text = address.getHostAddress();
    if (!text.contains(":")) {
      return text;
    }
    Matcher run = ZEROS.matcher(text);
    int start = 0;
    int end = 0;
    while (run.find()) {
      if (run.end() - run.start() > end - start) {
        start = run.start();
        end = run.end();
      }
    }
    return "[" + (end == 0 ? text : text.substring(0, start) + "::" + text.substring(end)) + "]";
  }

  private String protocolName() {
    return switch (protocol) {
      case 1 -> "icmp";
      case 6 -> "tcp";
      case 17 -> "udp";
      case 58 -> "icmpv6";
      case 132 -> "sctp";
      case 136 -> "udplite";
      case 262 -> "mptcp";
      default -> "protocol " + protocol;
    };
  }

  /** Reads one event and moves the buffer's position behind it. */
  static KernelEvent decode(ByteBuffer buffer) {
    ByteBuffer event = buffer.slice(buffer.position(), BYTES).order(ByteOrder.nativeOrder());
    buffer.position(buffer.position() + BYTES);
    int hook = Byte.toUnsignedInt(event.get(24));
    if (hook < 1 || hook > Hook.values().length) {
      throw new IllegalArgumentException("an event names an unknown hook: " + hook);
    }
    byte[] address = new byte[16];
    event.get(32, address);
    byte[] command = new byte[COMMAND_BYTES];
    event.get(48, command);
    return new KernelEvent(
        event.getLong(0),
        event.getInt(8),
        event.getInt(16),
        event.getInt(20),
        Hook.values()[hook - 1],
        Byte.toUnsignedInt(event.get(26)),
        Byte.toUnsignedInt(event.get(27)),
        Short.toUnsignedInt(event.getShort(28)),
        Endpoint.unmapped(address),
        Short.toUnsignedInt(event.order(ByteOrder.BIG_ENDIAN).getShort(30)),
        printable(command));
  }

  private static String printable(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, US_ASCII).replaceAll("[^ -~]", "?");
  }
}
