// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real nginx in front of a plugin runner: it speaks HTTP/1.1 and HTTP/2 on unix sockets, shows
 * each request to the wire client by a script, does to it what the runner says by the calls that
 * APISIX makes, and proxies it. Of APISIX it has the one route that it is started with.
 */
public final class NginxFront implements AutoCloseable {
  private static final int READ_BODY = -1;

  private final Process nginx;
  private final ServerSocket questions;
  private final ExtPluginClient runner;
  private final List<ApisixRoute> routes;
  private final Path directory;

  private NginxFront(
      Process nginx,
      ServerSocket questions,
      ExtPluginClient runner,
      List<ApisixRoute> routes,
      Path directory) {
    this.nginx = nginx;
    this.questions = questions;
    this.runner = runner;
    this.routes = List.copyOf(routes);
    this.directory = directory;
  }

  /**
   * Starts one.
   *
   * @param root where nginx is, and is put the first time
   * @param directory of its own, with a short path: the name of a unix socket has 107 bytes
   */
  public static NginxFront start(
      Path root, Path directory, ExtPluginClient runner, List<ApisixRoute> routes)
      throws IOException {
    Path place = root.toAbsolutePath();
    if (!Files.exists(place)) {
      fetch(place);
    }
    ServerSocket questions = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Files.writeString(directory.resolve("front.lua"), resource("front.lua"));
    Path conf =
        Files.writeString(
            directory.resolve("nginx.conf"),
            resource("nginx.conf")
                .replace("@root@", place.toString())
                .replace("@directory@", directory.toString())
                .replace("@port@", String.valueOf(questions.getLocalPort())));
    ProcessBuilder builder =
        new ProcessBuilder(
                place.resolve("usr/sbin/nginx").toString(),
                "-p",
                directory.toString(),
                "-c",
                conf.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("nginx.log").toFile());
    builder
        .environment()
        .put("LD_LIBRARY_PATH", place.resolve("usr/lib/" + triplet(place)).toString());
    NginxFront front = new NginxFront(builder.start(), questions, runner, routes, directory);
    Thread.ofVirtual().start(front::answer);
    front.await();
    return front;
  }

  private static String triplet(Path root) throws IOException {
    try (var folders = Files.list(root.resolve("usr/lib"))) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> name.contains("-linux-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void fetch(Path root) throws IOException {
    Path script = Files.createTempFile("fetch", "nginx");
    try {
      Files.writeString(script, resource("fetch-nginx"));
      Process fetching =
          new ProcessBuilder("sh", script.toString(), root.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(fetching.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (fetching.waitFor() != 0) {
        throw new IOException(said);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      Files.delete(script);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = NginxFront.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void await() throws IOException {
    for (int i = 0; i < 200 && nginx.isAlive(); i++) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        if (channel.connect(UnixDomainSocketAddress.of(socket(true)))) {
          return;
        }
      } catch (IOException e) {
        pause();
      }
    }
    close();
    throw new IOException("nginx does not listen: " + log());
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Where agents connect. */
  public Path socket(boolean http2) {
    return directory.resolve(http2 ? "http2.sock" : "http1.sock");
  }

  /** What nginx wrote, for a test that fails. */
  public String log() throws IOException {
    Path errors = directory.resolve("error.log");
    return Files.readString(directory.resolve("nginx.log"))
        + (Files.exists(errors) ? Files.readString(errors) : "");
  }

  private void answer() {
    while (!questions.isClosed()) {
      try {
        Socket asked = questions.accept();
        Thread.ofVirtual().start(() -> answer(asked));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void answer(Socket socket) {
    try (socket) {
      Shown shown = new Shown(socket.getInputStream(), socket.getOutputStream());
      String method = shown.line();
      String target = shown.line();
      String path = shown.line();
      String protocol = shown.line();
      List<Entry> headers = shown.headers();
      ApisixRoute route =
          routes.stream()
              .filter(candidate -> path.startsWith(candidate.path() + "/"))
              .findFirst()
              .orElseThrow();
      Proxied proxied = new Proxied(target, headers, path);
      proxied.keepRawTarget();
      proxied.setHeader("X-Bailiwick-Target", target);
      proxied.setHeader("X-Bailiwick-Request", Integer.toHexString(socket.getPort()));
      proxied.setHeader("X-Bailiwick-Protocol", protocol);
      PluginAnswer answer =
          runner.request(
              route.conf(),
              new PluginRequest(
                  method,
                  proxied.path(),
                  proxied.arguments(),
                  proxied.headersSeen(),
                  InetAddress.getLoopbackAddress(),
                  shown::body,
                  Map.of()));
      switch (answer) {
        case PluginAnswer.Stop stop -> shown.stop(stop.status(), stop.headers(), stop.body());
        case PluginAnswer.Rewrite rewrite -> {
          proxied.apply(rewrite);
          shown.rewrite(route.upstream().getAuthority(), proxied, rewrite);
        }
        default -> shown.stop(503, List.of(), new byte[0]);
      }
    } catch (IOException e) {
      // nginx or its client is gone.
    }
  }

  /** One request at the script. */
  private static final class Shown {
    private final InputStream in;
    private final OutputStream out;

    Shown(InputStream in, OutputStream out) {
      this.in = new BufferedInputStream(in);
      this.out = out;
    }

    String line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException();
        }
        line.write(c);
      }
      return line.toString(StandardCharsets.ISO_8859_1);
    }

    List<Entry> headers() throws IOException {
      List<Entry> headers = new ArrayList<>();
      for (int i = Integer.parseInt(line()); i > 0; i--) {
        String[] header = line().split(":", 2);
        headers.add(new Entry(header[0], header[1]));
      }
      return headers;
    }

    byte @Nullable [] body() throws IOException {
      say("BODY");
      int length = Integer.parseInt(line());
      return length == READ_BODY ? null : in.readNBytes(length);
    }

    void stop(int status, List<Entry> headers, byte[] body) throws IOException {
      say("STOP\n" + status + "\n" + lines(headers) + body.length);
      out.write(body);
    }

    void rewrite(String upstream, Proxied proxied, PluginAnswer.Rewrite rewrite)
        throws IOException {
      say(
          String.join(
              "\n",
              "REWRITE",
              upstream,
              proxied.target(),
              proxied.header("host").orElse(""),
              lines(rewrite.headers()) + rewrite.body().length));
      out.write(rewrite.body());
    }

    private void say(String text) throws IOException {
      out.write((text + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String lines(List<Entry> entries) {
      StringBuilder lines = new StringBuilder().append(entries.size()).append('\n');
      for (Entry entry : entries) {
        lines.append(entry.name());
        if (entry.value() != null) {
          lines.append(':').append(entry.value());
        }
        lines.append('\n');
      }
      return lines.toString();
    }
  }

  @Override
  public void close() {
    try {
      questions.close();
      nginx.destroy();
      if (!nginx.waitFor(5, TimeUnit.SECONDS)) {
        nginx.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
