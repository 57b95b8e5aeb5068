// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

/** Record ids: fifteen characters, and three more that guard their case. */
final class Ids {
  private static final String CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

  private Ids() {}

  static String of(String keyPrefix, int number) {
    String id = keyPrefix + String.format("%012d", number);
    StringBuilder full = new StringBuilder(id);
    for (int part = 0; part < 3; part++) {
      int bits = 0;
      for (int i = 0; i < 5; i++) {
        char c = id.charAt(part * 5 + i);
        bits |= c >= 'A' && c <= 'Z' ? 1 << i : 0;
      }
      full.append(CHECKSUM.charAt(bits));
    }
    return full.toString();
  }

  /** The part of an id that tells records apart. */
  static String key(String id) {
    return id.length() > 15 ? id.substring(0, 15) : id;
  }

  static boolean isId(String text) {
    return text.matches("[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?")
        && text.substring(0, 3).chars().anyMatch(c -> c >= '0' && c <= '9');
  }
}
