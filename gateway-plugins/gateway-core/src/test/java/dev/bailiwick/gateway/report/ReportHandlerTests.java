// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Over real connections, byte by byte, to processes of their own: the JDK reads the limits of its
 * server once, and a test before these may have had others.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReportHandlerTests {
  private static final String TOKEN = "token-of-the-tests-0123456789abcdef";
  private static final int AT_ONCE = 256;

  private Served served;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    // So many slow requests stay open until the test is over, however slow the machine is.
    served = Served.start(directory, "-Dsun.net.httpserver.maxReqTime=60");
  }

  @AfterAll
  void stop() {
    served.close();
  }

  private Socket open(String text) throws IOException {
    return served.open(text);
  }

  private static String post(String authorization, String framing) {
    return "POST /report HTTP/1.1\r\nHost: x\r\nAuthorization: "
        + authorization
        + "\r\n"
        + framing
        + "\r\n\r\n";
  }

  private static String authorized(String framing) {
    return post("Bearer " + TOKEN, framing);
  }

  /** The status of the one answer; 0 when the connection ended without one. */
  private static int status(Socket socket) throws IOException {
    String line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    return line.length() < 12 ? 0 : Integer.parseInt(line.substring(9, 12));
  }

  private int statusOf(String request) throws IOException {
    try (Socket socket = open(request)) {
      return status(socket);
    }
  }

  private int statusOfReport(String body) throws IOException {
    return statusOf(authorized("Content-Length: " + body.length()) + body);
  }

  @Test
  void reportWhenItIsOneOrManyThenEachIsHeard() throws IOException {
    assertThat(statusOfReport("{\"request\":\"a\",\"status\":\"200\"}")).isEqualTo(204);
    assertThat(statusOfReport("[{\"request\":\"b\",\"status\":\"-\"},{\"request\":\"c\"}]"))
        .isEqualTo(204);

    assertThat(served.heardOf("a")).isEqualTo("a " + OptionalInt.of(200));
    assertThat(served.heardOf("b")).isEqualTo("b " + OptionalInt.empty());
    assertThat(served.heardOf("c")).isEqualTo("c " + OptionalInt.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "7", "[{\"request\":\"wrong\"},{\"status\":200}]"})
  void reportWhenAPartOfItIsWrongThenNothingOfItIsHeard(String body) throws IOException {
    assertThat(statusOfReport(body)).isEqualTo(400);
    assertThat(statusOfReport("{\"request\":\"next\"}")).isEqualTo(204);
    assertThat(served.heardOf("next")).isEqualTo("next " + OptionalInt.empty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer wrong",
        "Bearer token-of-the-tests-0123456789abcdeF",
        "bearer token-of-the-tests-0123456789abcdef",
        "Bearer token-of-the-tests-0123456789abcdef\r\nAuthorization: Bearer"
            + " token-of-the-tests-0123456789abcdef"
      })
  void reportWhenTokenIsNotShownThenDeniesBeforeAnyOfTheBodyCame(String authorization)
      throws IOException {
    try (Socket socket = open(post(authorization, "Content-Length: 1000000"))) {
      assertThat(status(socket)).isEqualTo(401);
      assertThat(ends(socket)).isTrue();
    }
  }

  @Test
  void reportWhenItAnnouncesTooMuchThenDeniesBeforeItCame() throws IOException {
    assertDeniedAtOnce("65537", 413);
    assertDeniedAtOnce("1000000000", 413);
    assertDeniedAtOnce("99999999999999999999", 400, 413); // no number for some servers
  }

  private void assertDeniedAtOnce(String length, Integer... statuses) throws IOException {
    try (Socket socket = open(authorized("Content-Length: " + length))) {
      assertThat(status(socket)).as(length).isIn((Object[]) statuses);
      assertThat(ends(socket)).isTrue();
    }
  }

  @Test
  void reportWhenChunksAreTooMuchThenDenies() throws IOException {
    String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";

    assertThat(statusOf(authorized("Transfer-Encoding: chunked") + chunk.repeat(3) + "0\r\n\r\n"))
        .isEqualTo(413);
  }

  @Test
  void reportWhenMethodIsAnotherThenDenies() throws IOException {
    assertThat(statusOf("GET /report HTTP/1.1\r\nHost: x\r\n\r\n")).isEqualTo(405);
  }

  @Test
  void reportWhenManyAreBeingReadThenAnotherIsDeniedAndTakenLater() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < AT_ONCE; i++) {
        slow.add(openSlow());
      }
      String one = "{\"request\":\"late\"}";
      while (statusOfReport(one) != 503) {
        slow.add(openSlow()); // that report may have had the place of one of them
      }
      assertThat(statusOf(post("Bearer wrong", "Content-Length: 2") + "{}")).isEqualTo(401);

      closeAll(slow);
      while (statusOfReport(one) == 503) {
        Thread.sleep(10);
      }
      assertThat(statusOfReport(one)).isEqualTo(204);
    } finally {
      closeAll(slow);
    }
  }

  private Socket openSlow() throws IOException {
    return open(authorized("Content-Length: 50") + "{");
  }

  private static void closeAll(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void requestWhenItTakesTooLongThenItsConnectionEnds(@TempDir Path directory) throws Exception {
    try (Served quick = Served.start(directory, "-Dsun.net.httpserver.maxReqTime=1")) {
      try (Socket head = quick.open("POST /report HTTP/1.1\r\nHost:");
          Socket body = quick.open(authorized("Content-Length: 50") + "{")) {
        assertThat(ends(head)).isTrue();
        assertThat(ends(body)).isTrue();
      }
      try (Socket good = quick.open(authorized("Content-Length: 15") + "{\"request\":\"a\"}")) {
        assertThat(status(good)).isEqualTo(204);
      }
    }
  }

  /** Whether nothing but the end comes. */
  private static boolean ends(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    try {
      in.transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true; // reset, since not all of the request was read
    }
  }

  /** A process that says its port, and then what it hears. */
  static final class Served implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;
    private final int port;

    private Served(Process process) throws IOException {
      this.process = process;
      this.out = process.inputReader(StandardCharsets.UTF_8);
      this.port = Integer.parseInt(out.readLine());
    }

    static Served start(Path directory, String... options) throws IOException {
      Path file = Files.writeString(directory.resolve("token"), TOKEN + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElseThrow());
      command.addAll(List.of(options));
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              Served.class.getName(),
              file.toString()));
      return new Served(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    }

    Socket open(String text) throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return socket;
    }

    /** The next thing that it heard of this request, or of the one that was wrong. */
    String heardOf(String request) throws IOException {
      String line = out.readLine();
      while (!line.startsWith(request + " ") && !line.startsWith("wrong ")) {
        line = out.readLine();
      }
      return line;
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }

    /** Serves until it is ended. */
    public static void main(String[] arguments) throws IOException {
      HttpServer server = LoopbackServer.create(0);
      server.createContext(
          "/report",
          new ReportHandler(
              ReportToken.of(Path.of(arguments[0])),
              (request, status) -> System.out.println(request + " " + status)));
      server.start();
      System.out.println(server.getAddress().getPort());
    }
  }
}
