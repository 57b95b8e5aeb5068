// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Many workers of APISIX on one thread: each connection has one call under way. */
final class WireLoad {
  private static final int MOST_SAMPLES = 1 << 22;

  /**
   * @param p50 microseconds
   * @param p99 microseconds
   */
  record Figures(double perSecond, double p50, double p99) {}

  private static final class Caller {
    private final SocketChannel channel;
    private final ByteBuffer call;
    private final int type;
    private final ByteBuffer answer = ByteBuffer.allocate(16 << 10);
    private long sent;

    Caller(SocketChannel channel, ByteBuffer call, int type) {
      this.channel = channel;
      this.type = type;
      this.call = call.duplicate();
    }

    void send() throws IOException {
      sent = System.nanoTime();
      call.rewind();
      while (call.hasRemaining()) {
        channel.write(call);
      }
    }

    /** Whether the answer is there. */
    boolean receive() throws IOException {
      if (channel.read(answer) < 0) {
        throw new EOFException("the runner closed the connection");
      }
      if (answer.position() < 4) {
        return false;
      }
      int word = answer.getInt(0);
      if (answer.position() < 4 + (word & 0xff_ffff)) {
        return false;
      }
      if (word >>> 24 != type) {
        throw new IOException("the runner answers with type " + (word >>> 24));
      }
      answer.clear();
      return true;
    }
  }

  private WireLoad() {}

  /**
   * Calls for a while and counts.
   *
   * @param type of the answers; any other ends the run
   */
  static Figures run(Path socket, ByteBuffer call, int type, int connections, Duration length)
      throws IOException {
    List<Caller> callers = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        channel.configureBlocking(false);
        Caller caller = new Caller(channel, call, type);
        channel.register(selector, SelectionKey.OP_READ, caller);
        callers.add(caller);
      }
      return measure(selector, callers, length);
    } finally {
      for (Caller caller : callers) {
        caller.channel.close();
      }
    }
  }

  private static Figures measure(Selector selector, List<Caller> callers, Duration length)
      throws IOException {
    int[] micros = new int[MOST_SAMPLES];
    int[] count = {0};
    long begin = System.nanoTime();
    long end = begin + length.toNanos();
    for (Caller caller : callers) {
      caller.send();
    }
    IOException[] failure = new IOException[1];
    while (System.nanoTime() < end && failure[0] == null) {
      selector.select(
          key -> {
            Caller caller = (Caller) key.attachment();
            try {
              if (caller.receive()) {
                micros[count[0]++ & (MOST_SAMPLES - 1)] =
                    (int) ((System.nanoTime() - caller.sent) / 100);
                caller.send();
              }
            } catch (IOException e) {
              failure[0] = e;
            }
          },
          1000);
    }
    if (failure[0] != null) {
      throw failure[0];
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    int[] sorted = Arrays.copyOf(micros, Math.min(count[0], MOST_SAMPLES));
    Arrays.sort(sorted);
    return new Figures(
        count[0] / seconds,
        sorted[sorted.length / 2] / 10.0,
        sorted[(int) (sorted.length * 0.99)] / 10.0);
  }
}
