// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.clients;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
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
  private static final Path DRIVERS = Path.of(System.getProperty("node.directory"));
  private static final Path PROFILES = Path.of("../../policy-bundles/bundles/agent-runtimes.yaml");
  private static final String IN_SANDBOX =
      """
      const fs = require('node:fs');
      const byte = Buffer.alloc(1);
      let token = '';
      while (fs.readSync(0, byte) === 1 && byte[0] !== 10) token += byte;
      process.env.AGENT_TOKEN = token;
      process.env.GATEWAY = process.argv[1];
      import(process.argv[2]);
      """;

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
            .directory(DRIVERS.toFile())
            .redirectError(log.toFile());
    builder.environment().keySet().removeIf(variable -> variable.endsWith("_proxy"));
    builder.environment().putAll(environment);
    try {
      return new NodeClient(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a driver in the shipped sandbox for Node, which can reach the gateway alone. A sandbox
   * inherits no variables, so the token is the first line that the driver reads.
   *
   * @param allowed the gateway
   * @param used what the driver takes for the gateway
   */
  static NodeClient startInSandbox(
      String name, Path directory, URI allowed, URI used, String token) {
    try {
      String bundle =
          Files.readString(PROFILES)
              .replace("/usr/bin/node, ", "/usr/bin/node, " + DRIVERS.toRealPath() + ", ");
      Path file = Files.writeString(directory.resolve("sandbox.yaml"), bundle);
      List<String> command = GatewayProcess.bailiwick("sandbox", "run");
      command.addAll(List.of("--bundle", file.toString(), "--sandbox", "node"));
      command.addAll(List.of("--gateway", allowed.toString()));
      command.addAll(List.of("--audit", directory.resolve("sandbox-audit").toString(), "--"));
      command.addAll(List.of("/usr/bin/node", "-e", IN_SANDBOX, used.toString()));
      command.add(DRIVERS.resolve(name + ".js").toString());
      Path log = directory.resolve(name + "-in-sandbox.log");
      NodeClient client =
          new NodeClient(new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
      client.calls.write(token);
      client.calls.newLine();
      client.calls.flush();
      return client;
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
