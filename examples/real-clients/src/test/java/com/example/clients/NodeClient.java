// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Node process with an SDK in it, whose functions {@code node/<name>.js} offers by name. */
final class NodeClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** What the SDK threw. */
  record Thrown(String name, String message) {}

  private final Process process;
  private final Path log;
  private final BufferedWriter calls;
  private final BufferedReader outcomes;

  private NodeClient(Process process, Path log) {
    this.process = process;
    this.log = log;
    calls = process.outputWriter(StandardCharsets.UTF_8);
    outcomes = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts a driver.
   *
   * @param environment where its gateway is and the agent's token, which no process argument shows
   */
  static NodeClient start(String name, Path log, Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder("node", name + ".js")
            .directory(Path.of(System.getProperty("node.directory")).toFile())
            .redirectError(log.toFile());
    builder.environment().keySet().removeIf(variable -> variable.endsWith("_proxy"));
    builder.environment().putAll(environment);
    try {
      return new NodeClient(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Calls a function and returns its result. */
  JsonNode call(String function, Object... arguments) {
    JsonNode outcome = exchange(function, arguments);
    if (outcome.has("error")) {
      throw new AssertionError(function + " failed: " + outcome.get("error"));
    }
    return outcome.get("result");
  }

  /** Calls a function that has to fail. */
  Thrown fails(String function, Object... arguments) {
    JsonNode outcome = exchange(function, arguments);
    if (!outcome.has("error")) {
      throw new AssertionError(function + " did not fail: " + outcome);
    }
    JsonNode error = outcome.get("error");
    return new Thrown(error.path("name").asString(""), error.path("message").asString(""));
  }

  private JsonNode exchange(String function, Object... arguments) {
    try {
      calls.write(JSON.writeValueAsString(Map.of("call", function, "args", List.of(arguments))));
      calls.newLine();
      calls.flush();
      String line = outcomes.readLine();
      if (line == null) {
        throw new AssertionError("the driver ended: " + Files.readString(log).strip());
      }
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
