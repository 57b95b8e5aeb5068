// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.RequestTarget;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code /services/oauth2/token}. The answer leads to the gateway as the instance, and names an org
 * and a user that exist nowhere: clients take the ids apart and ask for nothing below them.
 */
final class TokenPage implements LogIn {
  private static final List<String> PATH = List.of("services", "oauth2", "token");
  private static final String ID_CHARACTERS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final String CHECKSUM_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  private static final int SHORT_ID = 15;
  private static final int CHECKED_TOGETHER = 5;

  private final String external;
  private final String org;

  TokenPage(ConnectorSettings settings) {
    external = settings.external().toString();
    org = id("00D", settings.upstream().toString());
  }

  static boolean is(RequestTarget target) {
    return target.segments().equals(PATH) && !target.trailingSlash();
  }

  @Override
  public Map<String, String> answer(Holder holder) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("instance_url", external);
    members.put(
        "id",
        external + "/id/" + org + "/" + id("005", holder.issuer() + " " + holder.principal()));
    members.put("issued_at", Long.toString(holder.at().toEpochMilli()));
    members.put("scope", "api");
    return members;
  }

  /** An id in the form of a record id with its checksum, the same for the same name. */
  static String id(String keyPrefix, String name) {
    byte[] hash = sha256(name);
    StringBuilder id = new StringBuilder(keyPrefix);
    for (int i = 0; id.length() < SHORT_ID; i++) {
      id.append(ID_CHARACTERS.charAt(Math.floorMod(hash[i], ID_CHARACTERS.length())));
    }
    return checked(id.toString());
  }

  /** A short id with the three characters that say which of its letters are capitals. */
  static String checked(String shortId) {
    StringBuilder id = new StringBuilder(shortId);
    for (int from = 0; from < SHORT_ID; from += CHECKED_TOGETHER) {
      int capitals = 0;
      for (int i = 0; i < CHECKED_TOGETHER; i++) {
        capitals |= Character.isUpperCase(shortId.charAt(from + i)) ? 1 << i : 0;
      }
      id.append(CHECKSUM_CHARACTERS.charAt(capitals));
    }
    return id.toString();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks SHA-256", e);
    }
  }
}
