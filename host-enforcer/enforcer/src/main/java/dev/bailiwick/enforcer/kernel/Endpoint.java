// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer.kernel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Somewhere that a sandbox may reach, as the maps have it: one address or a range of them, one
 * port, one protocol.
 *
 * @param prefix how many leading bits of the address count, of 32 for IPv4 and 128 for IPv6
 * @param port from 1 to 65535
 */
public record Endpoint(Protocol protocol, InetAddress address, int prefix, int port) {

  /** What can be reached at all. */
  public enum Protocol {
    TCP(6),
    UDP(17);

    private final int number;

    Protocol(int number) {
      this.number = number;
    }
  }

  static final int EXACT_KEY_BYTES = 24;
  static final int RANGE_KEY_BYTES = Integer.BYTES + EXACT_KEY_BYTES;

  private static final int ADDRESS_BYTES = 16;
  private static final int BITS_BEFORE_ADDRESS = 64;
  private static final int BITS_OF_V4_MAPPING = 96;

  public Endpoint {
    int bits = address.getAddress().length * Byte.SIZE;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException("prefix must be from 0 to " + bits + ": " + prefix);
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port must be from 1 to 65535: " + port);
    }
    if (!cleared(address.getAddress(), prefix)) {
      throw new IllegalArgumentException(
          "bits after the prefix must be zero: " + address.getHostAddress() + "/" + prefix);
    }
  }

  /** Whether this is one address rather than a range. */
  public boolean isExact() {
    return prefix == address.getAddress().length * Byte.SIZE;
  }

  /** {@code struct bailiwick_exact_key}. */
  byte[] exactKey(int policy) {
    return tail(ByteBuffer.allocate(EXACT_KEY_BYTES).order(ByteOrder.nativeOrder()), policy)
        .array();
  }

  /** {@code struct bailiwick_range_key}: the prefix counts from the policy on. */
  byte[] rangeKey(int policy) {
    boolean v4 = address.getAddress().length == 4;
    int bits = BITS_BEFORE_ADDRESS + (v4 ? BITS_OF_V4_MAPPING : 0) + prefix;
    ByteBuffer key = ByteBuffer.allocate(RANGE_KEY_BYTES).order(ByteOrder.nativeOrder());
    return tail(key.putInt(bits), policy).array();
  }

  private ByteBuffer tail(ByteBuffer key, int policy) {
    key.putInt(policy).put((byte) protocol.number).put((byte) 0);
    key.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
    return key.put(mapped(address));
  }

  /** 16 bytes; IPv4 as {@code ::ffff:a.b.c.d}. */
  static byte[] mapped(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == ADDRESS_BYTES) {
      return bytes;
    }
    byte[] mapped = new byte[ADDRESS_BYTES];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, 12, bytes.length);
    return mapped;
  }

  /** The reverse of {@link #mapped}: {@code ::ffff:a.b.c.d} comes back as IPv4. */
  static InetAddress unmapped(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address has 16 bytes: " + bytes.length, e);
    }
  }

  private static boolean cleared(byte[] address, int prefix) {
    byte[] masked = address.clone();
    int whole = prefix / Byte.SIZE;
    if (whole < masked.length) {
      masked[whole] &= (byte) (0xff00 >> (prefix % Byte.SIZE));
      Arrays.fill(masked, whole + 1, masked.length, (byte) 0);
    }
    return Arrays.equals(masked, address);
  }
}
