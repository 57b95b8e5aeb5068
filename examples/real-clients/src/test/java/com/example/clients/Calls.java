// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import dev.bailiwick.contract.gateway.AuditTrailReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which calls a client makes and what becomes of each: as the gateway's evidence has them, and as
 * the README of contract-tests lists them. A call is a method and a path without names and ids.
 */
final class Calls {
  private static final Path README = Path.of("../../contract-tests/README.md");
  private static final JsonMapper JSON = JsonMapper.shared();

  private Calls() {}

  /**
   * @param call method and path
   * @param verdict {@code passes} or the code of the denial
   */
  record Call(String call, String verdict) {
    @Override
    public String toString() {
      return call + ": " + verdict;
    }
  }

  static Set<Call> recorded(Path audit, String client) {
    Set<Call> calls = new LinkedHashSet<>();
    for (String line : new AuditTrailReader(audit).lines()) {
      JsonNode event = JSON.readTree(line);
      JsonNode ours = event.path("unmapped").path("bailiwick");
      if (ours.path("kind").asString("").equals("gateway-decision")
          && ours.path("client_id").asString("").equals(client)) {
        JsonNode http = event.path("http_request");
        String path = general(http.path("url").path("path").asString(""));
        String rule = ours.path("rule").asString("");
        calls.add(
            new Call(
                http.path("http_method").asString("") + " " + path,
                rule.equals("ALLOW") ? "passes" : rule));
      }
    }
    return calls;
  }

  /**
   * The path behind the mount point and the API's version, with placeholders for what differs from
   * call to call.
   */
  private static String general(String path) {
    return path.replaceFirst("^(/[a-z-]+)*?(?=/(api|services|oauth_token\\.do)(/|$))", "")
        .replaceFirst("^/services/data/v[0-9]+\\.0", "")
        .replaceFirst("/$", "")
        .replaceAll("/query/01g\\w+-[0-9]+", "/query/{locator}")
        .replaceAll("/(table|stats|import|sobjects)/\\w+", "/$1/{name}")
        .replaceAll("/\\w+__c/[^/]+$", "/{field}/{value}")
        .replaceAll("/[0-9a-f]{32}(?=/|$)", "/{id}")
        .replaceAll("/(?=\\w*[0-9])(\\w{18}|\\w{15})(?=/|$)", "/{id}");
  }

  /** The rows in which the column of the client is not empty. */
  static Set<Call> listed(String client) {
    Set<Call> calls = new LinkedHashSet<>();
    int column = 0;
    for (String line : read(README)) {
      List<String> row = row(line);
      if (row.size() > 1 && row.getFirst().equals("call")) {
        column = column(row, client);
      } else if (row.isEmpty()) {
        column = 0;
      } else if (column > 0 && column < row.size() && row.getFirst().startsWith("`")) {
        for (String verdict : row.get(column).split(", ")) {
          calls.add(new Call(row.getFirst().replace("`", ""), verdict.replace("`", "")));
        }
      }
    }
    calls.removeIf(call -> call.verdict().isEmpty());
    return calls;
  }

  private static int column(List<String> heads, String client) {
    for (int i = 1; i < heads.size(); i++) {
      if (heads.get(i).startsWith(client + " ")) {
        return i;
      }
    }
    return 0;
  }

  private static List<String> row(String line) {
    return line.startsWith("|")
        ? Stream.of(line.substring(1).split("\\|")).map(String::strip).toList()
        : List.of();
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
