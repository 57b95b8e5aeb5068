// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One connection to a runner's socket, with frames or any other bytes on it. One thread at a time;
 * whoever waits longer than the patience gets a {@link SocketTimeoutException} and the connection
 * is closed.
 */
public final class WireConnection implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor WATCH = watch();

  private final SocketChannel channel;
  private Duration patience;
  private final ByteBuffer head = ByteBuffer.allocate(4);
  private volatile boolean late;

  private WireConnection(SocketChannel channel, Duration patience) {
    this.channel = channel;
    this.patience = patience;
  }

  private static ScheduledThreadPoolExecutor watch() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().daemon().name("wire-connection-watch").unstarted(task));
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  /**
   * Connects.
   *
   * @param patience how long one read or write may take
   */
  public static WireConnection connect(Path socket, Duration patience) throws IOException {
    return new WireConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)), patience);
  }

  /** How long one read or write may take from now on. */
  public void patience(Duration other) {
    patience = other;
  }

  /** Sends a whole frame. */
  public void send(Frame frame) throws IOException {
    send(frame.bytes());
  }

  /** Sends bytes as they are. */
  public void send(ByteBuffer bytes) throws IOException {
    Future<?> alarm = alarm();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (AsynchronousCloseException e) {
      throw closed(e);
    } finally {
      alarm.cancel(false);
    }
  }

  /**
   * Receives a whole frame.
   *
   * @throws EOFException when the runner closed the connection
   */
  public Frame receive() throws IOException {
    Future<?> alarm = alarm();
    try {
      fill(head.clear());
      int word = head.flip().getInt();
      ByteBuffer payload = ByteBuffer.allocate(word & 0xff_ffff);
      fill(payload);
      return new Frame(word >>> 24, payload.array());
    } catch (AsynchronousCloseException e) {
      throw closed(e);
    } finally {
      alarm.cancel(false);
    }
  }

  private void fill(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the runner closed the connection");
      }
    }
  }

  private Future<?> alarm() {
    return WATCH.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void giveUp() {
    late = true;
    close();
  }

  private IOException closed(AsynchronousCloseException e) {
    return late ? new SocketTimeoutException("nothing within " + patience) : e;
  }

  /** Whether nothing has come and the runner still holds its end. */
  public boolean idle() {
    try {
      channel.configureBlocking(false);
      boolean quiet = channel.read(ByteBuffer.allocate(1)) == 0;
      channel.configureBlocking(true);
      return quiet;
    } catch (IOException e) {
      return false;
    }
  }

  /** Says that nothing more will be sent. */
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
