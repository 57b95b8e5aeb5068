// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What nginx does to a path, and its Lua module to arguments. */
final class NginxUri {
  private static final String ESCAPED_IN_PATH = "\"#%<>?\\^`{|}";

  private NginxUri() {}

  /** Decoded once, slashes merged, dot segments resolved; empty for what nginx answers with 400. */
  static Optional<String> normalise(String rawPath) {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream();
    for (int i = 0; i < rawPath.length(); i++) {
      char c = rawPath.charAt(i);
      if (c == '%') {
        int high = i + 2 < rawPath.length() ? Character.digit(rawPath.charAt(i + 1), 16) : -1;
        int low = i + 2 < rawPath.length() ? Character.digit(rawPath.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0 || high + low == 0) {
          return Optional.empty();
        }
        decoded.write(high << 4 | low);
        i += 2;
      } else {
        decoded.write(c);
      }
    }
    return resolve(decoded.toString(StandardCharsets.ISO_8859_1));
  }

  private static Optional<String> resolve(String path) {
    List<String> kept = new ArrayList<>();
    String[] segments = path.substring(1).split("/", -1);
    boolean slash = false;
    for (String segment : segments) {
      slash = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (segment.equals("..")) {
        if (kept.isEmpty()) {
          return Optional.empty();
        }
        kept.removeLast();
      } else if (!slash) {
        kept.add(segment);
      }
    }
    String joined = "/" + String.join("/", kept);
    return Optional.of(slash && !kept.isEmpty() ? joined + "/" : joined);
  }

  /** {@code ngx_escape_uri} as for a whole path. */
  static String escape(String path) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c >= 0x7f || ESCAPED_IN_PATH.indexOf(c) >= 0) {
        out.append(String.format("%%%02X", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** {@code ngx.req.get_uri_args}: decoded leniently; a null value is an argument without "=". */
  static Map<String, List<Entry>> arguments(String query) {
    Map<String, List<Entry>> byName = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = unescape(equals < 0 ? pair : pair.substring(0, equals));
      if (!name.isEmpty()) {
        byName
            .computeIfAbsent(name, n -> new ArrayList<>())
            .add(new Entry(name, equals < 0 ? null : unescape(pair.substring(equals + 1))));
      }
    }
    return byName;
  }

  private static String unescape(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
      if (high >= 0 && low >= 0) {
        out.append((char) (high << 4 | low));
        i += 2;
      } else {
        out.append(c == '+' ? ' ' : c);
      }
    }
    return out.toString();
  }

  /** {@code ngx.encode_args}. */
  static String encode(Map<String, List<Entry>> arguments) {
    List<String> pairs = new ArrayList<>();
    arguments.forEach(
        (name, entries) ->
            entries.forEach(
                entry -> {
                  String value = entry.value();
                  pairs.add(component(name) + (value == null ? "" : "=" + component(value)));
                }));
    return String.join("&", pairs);
  }

  private static String component(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~".indexOf(c) >= 0;
      out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return out.toString();
  }
}
