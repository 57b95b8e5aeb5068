// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The kernel's own audit records, as every listener of its multicast group gets them. They tell
 * what Landlock and seccomp denied, which have no other voice. Best effort: the kernel drops
 * records when its buffers are full. One thread at a time may call {@link #poll}.
 */
public final class AuditTrail implements AutoCloseable {
  private static final int HEADER_BYTES = 16;
  private static final int TYPE_OFFSET = 4;

  /** Longer than any record that the kernel makes. */
  private static final int BUFFER_BYTES = 16 * 1024;

  /** Takes what {@link #poll} finds. */
  public interface Receiver {
    /**
     * @param type such as 1326 for seccomp
     * @param text {@code audit(time:serial): key=value …}
     */
    void record(int type, String text);

    /** Some records were dropped; how many is not known. */
    void gap();
  }

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  private final int descriptor;
  private boolean closed;

  private AuditTrail(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Starts to listen; records from before are not seen. */
  public static AuditTrail open() throws IOException {
    return new AuditTrail(NativeBridge.openAudit());
  }

  /** Whether the kernel audits at all. If not, seccomp still reports, Landlock does not. */
  public static boolean isEnabled() {
    return NativeBridge.auditEnabled();
  }

  /** The name of a system call that the sandbox's filter denies; empty for any other. */
  public static Optional<String> systemCallName(int number) {
    return Optional.ofNullable(NativeBridge.systemCallName(number));
  }

  /**
   * Hands over all records that are there, waiting up to a timeout for the first.
   *
   * @return how many there were
   */
  public int poll(int timeoutMillis, Receiver receiver) throws IOException {
    int count = 0;
    int timeout = timeoutMillis;
    while (true) {
      int length = NativeBridge.readAudit(descriptor, buffer, timeout);
      timeout = 0;
      if (length < 0) {
        receiver.gap();
      } else if (length < HEADER_BYTES) {
        return count;
      } else {
        byte[] text = new byte[length - HEADER_BYTES];
        buffer.get(HEADER_BYTES, text);
        receiver.record(
            Short.toUnsignedInt(buffer.getShort(TYPE_OFFSET)),
            new String(text, UTF_8).replace("\0", ""));
        count++;
      }
    }
  }

  int descriptor() {
    return descriptor;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      NativeBridge.closeAudit(descriptor);
    }
  }
}
