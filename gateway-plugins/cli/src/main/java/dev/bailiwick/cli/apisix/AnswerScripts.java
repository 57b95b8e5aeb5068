// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The functions that APISIX runs on an upstream's answer, for one connector. */
final class AnswerScripts {
  private AnswerScripts() {}

  static String head(Bundle bundle, Bundle.ConnectorRule rule) {
    URI upstream = rule.upstream();
    String scheme = upstream.getScheme().toLowerCase(Locale.ROOT);
    String mount = rule.prefix();
    int usual = scheme.equals("https") ? 443 : 80;
    boolean named = upstream.getPort() >= 0 && upstream.getPort() != usual;
    String host = upstream.getHost().toLowerCase(Locale.ROOT);
    return read("answer-head.lua")
        .replace("@scheme@", quoted(scheme))
        .replace("@host@", quoted(named ? host + ":" + upstream.getPort() : host))
        .replace("@port@", quoted(named ? "" : ":" + usual))
        .replace("@external@", quoted(bundle.gateway().externalUrl() + mount))
        .replace("@mount@", quoted(mount));
  }

  static String body() {
    return read("answer-body.lua");
  }

  private static String quoted(String text) {
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\')) {
      throw new IllegalArgumentException("no Lua string is made of " + text);
    }
    return '"' + text + '"';
  }

  private static String read(String name) {
    try (InputStream in = AnswerScripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("-- SPDX-"))
          .reduce("", (all, line) -> all + line + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
