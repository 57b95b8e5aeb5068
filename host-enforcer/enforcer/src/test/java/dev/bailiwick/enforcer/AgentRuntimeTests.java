// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The shipped profiles, with the real programs: each does what agents in it do, against a gateway's
 * stand-in, and nobody else hears of it.
 */
class AgentRuntimeTests {
  private static final Path BUNDLE = Path.of("../../policy-bundles/bundles/agent-runtimes.yaml");
  private static final Path AGENTS = Path.of("src/test/resources/agents");
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  private HttpServer gateway;
  private Canary elsewhere;

  @BeforeEach
  void start() throws Exception {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.createContext(
        "/",
        exchange -> {
          byte[] answer = "{\"number\":\"INC0010001\"}".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    gateway.start();
    elsewhere = Canary.at("127.0.0.1");
  }

  @AfterEach
  void stop() throws Exception {
    gateway.stop(0);
    elsewhere.close();
  }

  @ParameterizedTest
  @CsvSource({
    "shell, /bin/sh, shell.sh",
    "python, /usr/bin/python3, python.py",
    "node, /usr/bin/node, node.js",
    "java, JAVA, Agent.java",
  })
  void agentWhenInItsShippedProfileThenWorksAgainstTheGatewayAndNothingElse(
      String sandbox, String program, String script) throws Exception {
    Path workspace = Sandboxes.freshDirectory();
    Path output = Sandboxes.freshDirectory().resolve("output");
    Path errors = output.resolveSibling("errors");
    Files.copy(
        AGENTS.resolve(script), workspace.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
    for (Path path : List.of(workspace, workspace.resolve(script))) {
      Files.setAttribute(path, "unix:uid", Reservation.FIRST_UID + 7);
    }
    String real = program.equals("JAVA") ? JAVA_HOME.resolve("bin/java").toString() : program;

    List<String> settings =
        List.of(
            "bundle=" + bundle(),
            "sandbox=" + sandbox,
            "workspace=" + workspace,
            "gateway=http://127.0.0.1:" + gateway.getAddress().getPort());
    int status =
        new ProcessBuilder(SandboxMain.command(settings, real, script, elsewhere.endpoint()))
            .redirectError(errors.toFile())
            .redirectOutput(output.toFile())
            .start()
            .waitFor();

    assertThat(Files.readString(output))
        .as(Files.readString(errors))
        .isEqualTo(
            """
            gateway 200
            answer INC0010001
            child 2
            thread ok
            file answer
            elsewhere denied
            """);
    assertThat(status).isZero();
    assertThat(elsewhere.sawNobody()).isTrue();
  }

  /** As shipped, except that the JDK is the one that runs this. */
  private static Path bundle() throws Exception {
    String text = Files.readString(BUNDLE);
    Path copy = Sandboxes.freshDirectory().resolve("bundle.yaml");
    Files.writeString(copy, text.replace("/usr/lib/jvm", JAVA_HOME.toRealPath().toString()));
    assertThat(text).contains("/usr/lib/jvm");
    return copy;
  }
}
