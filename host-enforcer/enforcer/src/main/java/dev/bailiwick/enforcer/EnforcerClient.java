// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.Message.Field;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks a running daemon for what needs no sandbox. Immutable; every call is a connection. */
public final class EnforcerClient {
  /** A reload of a large bundle takes a part of a second, and a slow disk some. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path socket;
  private final Duration patience;

  public EnforcerClient(Path socket) {
    this(socket, PATIENCE);
  }

  EnforcerClient(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  /** The daemon of this host, or of {@code BAILIWICK_SOCKET}. */
  public static EnforcerClient ofHost(Map<String, String> environment) {
    String path = environment.getOrDefault("BAILIWICK_SOCKET", "");
    return new EnforcerClient(path.isEmpty() ? socket(HostPaths.defaults()) : Path.of(path));
  }

  /** Root's own, for whoever can see it: users can crowd the other one. */
  static Path socket(HostPaths paths) {
    return Files.exists(paths.rootSocket()) ? paths.rootSocket() : paths.socket();
  }

  /** What it enforces, as JSON. */
  public String status() throws SandboxException {
    return ask(new Message().put("request", "status")).getOrDefault("status", "{}");
  }

  /** What a reload brought. */
  public record Reloaded(String policy, long micros) {}

  /** Has it take the rules of its bundle anew; when this returns they are in force. */
  public Reloaded reload() throws SandboxException {
    Map<String, String> reply = ask(new Message().put("request", "reload"));
    return new Reloaded(reply.getOrDefault("policy", ""), number(reply, "micros"));
  }

  /**
   * What a revocation did.
   *
   * @param errno with which the kernel refused to end sockets; 0 when it did not
   */
  public record Revoked(int sandboxes, int sockets, int errno) {}

  /** Cuts a task off; {@code kill} ends its processes as well. */
  public Revoked revoke(String task, boolean kill) throws SandboxException {
    Map<String, String> reply =
        ask(
            new Message()
                .put("request", "revoke")
                .put("task", task)
                .put("kill", kill ? "yes" : "no"));
    return new Revoked(
        (int) number(reply, "sandboxes"),
        (int) number(reply, "sockets"),
        (int) number(reply, "errno"));
  }

  private static long number(Map<String, String> reply, String key) throws SandboxException {
    try {
      return Long.parseLong(reply.getOrDefault(key, ""));
    } catch (NumberFormatException e) {
      throw new SandboxException("the enforcer answered without " + key);
    }
  }

  private Map<String, String> ask(Message request) throws SandboxException {
    AtomicBoolean late = new AtomicBoolean();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      Thread watchdog = Thread.ofVirtual().start(() -> closeLate(channel, late));
      try {
        return ask(channel, request);
      } finally {
        watchdog.interrupt();
      }
    } catch (IOException e) {
      throw new SandboxException(late.get() ? stuck() : nobody(e));
    }
  }

  /** Whatever is being waited for then ends: to be connected, to be heard or to be answered. */
  private void closeLate(SocketChannel channel, AtomicBoolean late) {
    try {
      Thread.sleep(patience);
      late.set(true);
      channel.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it was in time
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String stuck() {
    return "the enforcer at "
        + socket
        + " did not answer within "
        + patience.toMillis() / 1000.0
        + " s; look into its log, and restart it: what it enforces stays enforced";
  }

  private String nobody(IOException cause) {
    return "no enforcer answers at "
        + socket
        + " ("
        + cause.getMessage()
        + "); start one with bailiwick enforcer run, or name another with BAILIWICK_SOCKET";
  }

  private Map<String, String> ask(SocketChannel channel, Message request)
      throws IOException, SandboxException {
    channel.connect(UnixDomainSocketAddress.of(socket));
    ByteBuffer frame = ByteBuffer.wrap(request.frame());
    while (frame.hasRemaining()) {
      channel.write(frame);
    }
    int length = read(channel, Message.LENGTH_BYTES).getInt();
    if (length < 1 || length > Message.MAX_BYTES) {
      throw new SandboxException("the enforcer answered something malformed");
    }
    return values(read(channel, length).array());
  }

  private static ByteBuffer read(SocketChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("it ended in the middle of an answer");
      }
    }
    return buffer.flip();
  }

  private static Map<String, String> values(byte[] message) throws SandboxException {
    Map<String, String> values = new HashMap<>();
    for (Field field : Message.parse(message)) {
      values.put(field.key(), field.text());
    }
    if (!values.getOrDefault("reply", "").equals("done")) {
      throw new SandboxException(values.getOrDefault("message", "the enforcer refused"));
    }
    return values;
  }
}
