// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads literal addresses without ever asking a resolver. */
final class LiteralAddress {
  private static final Pattern V4 =
      Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");
  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[([^\\[\\]]*)]|([^:\\[\\]]*)):([0-9]{1,5})");

  private LiteralAddress() {}

  static Destination.Address parse(String text) {
    Matcher matcher = WITH_PORT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected gateway, or a literal address with a port such as 192.0.2.10:8443 or"
              + " [2001:db8::1]:8443");
    }
    boolean six = matcher.group(1) != null;
    InetAddress ip =
        (six ? v6(matcher.group(1)) : v4(matcher.group(2)))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "expected a literal address: there is no resolver in a sandbox, so a name"
                            + " cannot be reached"));
    if (six && ip instanceof Inet4Address) {
      throw new IllegalArgumentException(
          "expected an IPv4-mapped address to be written as the IPv4 address that it is");
    }
    int port = Integer.parseInt(matcher.group(3));
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("expected a port from 1 to 65535");
    }
    special(ip.getAddress())
        .ifPresent(
            range -> {
              throw new IllegalArgumentException(
                  "expected the address of one host; this one is " + range);
            });
    return new Destination.Address(ip, port);
  }

  /** Dotted decimal without leading zeros: no other spelling of an IPv4 address is taken. */
  static Optional<InetAddress> v4(String text) {
    Matcher matcher = V4.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    byte[] octets = new byte[4];
    for (int i = 0; i < 4; i++) {
      String group = matcher.group(i + 1);
      int octet = Integer.parseInt(group);
      if (octet > 255 || (group.length() > 1 && group.startsWith("0"))) {
        return Optional.empty();
      }
      octets[i] = (byte) octet;
    }
    return Optional.of(address(octets));
  }

  /** The IPv4 address when the text is an IPv4-mapped one. */
  static Optional<InetAddress> v6(String text) {
    if (!V6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text)); // with two colons, it is never a name
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static InetAddress address(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** What makes an address special: it reaches no host, several, or another one than it shows. */
  static Optional<String> special(byte[] ip) {
    String range =
        ip.length == 4
            ? specialV4(ip[0] & 0xff, ip[1] & 0xff)
            : specialV6(ip, word(ip, 0), word(ip, 1));
    return range.isEmpty() ? Optional.empty() : Optional.of(range);
  }

  private static String specialV4(int first, int second) {
    if (first == 0) {
      return "unspecified (0.0.0.0/8)";
    }
    if (first == 169 && second == 254) {
      return "link-local (169.254.0.0/16)";
    }
    if (first >= 224) {
      return first < 240 ? "multicast (224.0.0.0/4)" : "reserved (240.0.0.0/4)";
    }
    return "";
  }

  private static String specialV6(byte[] ip, int first, int second) {
    if (first >= 0xff00) {
      return "multicast (ff00::/8)";
    }
    if (first >= 0xfe80 && first <= 0xfeff) {
      return first < 0xfec0 ? "link-local (fe80::/10)" : "site-local (fec0::/10)";
    }
    if (first == 0x2002) {
      return "6to4 (2002::/16), which hides an IPv4 address";
    }
    if (first == 0x2001 && second == 0) {
      return "Teredo (2001::/32), which hides an IPv4 address";
    }
    if (first == 0x64 && second == 0xff9b) {
      return "NAT64 (64:ff9b::/32), which hides an IPv4 address";
    }
    for (int i = 0; i < 12; i++) {
      if (ip[i] != 0) {
        return "";
      }
    }
    int low = word(ip, 6) << 16 | word(ip, 7);
    if (low == 0) {
      return "unspecified (::)";
    }
    return low == 1 ? "" : "IPv4-compatible (::/96), which hides an IPv4 address";
  }

  private static int word(byte[] ip, int index) {
    return (ip[2 * index] & 0xff) << 8 | (ip[2 * index + 1] & 0xff);
  }
}
