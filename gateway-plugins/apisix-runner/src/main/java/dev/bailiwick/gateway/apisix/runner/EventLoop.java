// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that reads and writes many connections, and never waits for anything else. What has to
 * be waited for is a stage of the core; its end comes back here as a task.
 */
final class EventLoop implements Executor {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
  private static final long SWEEP_MILLIS = 500;

  private final Selector selector;
  private final Thread thread;
  private final WireWriter writer = new WireWriter();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Set<RunnerConnection> connections = new HashSet<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runner runner;
  private boolean draining;
  private long swept;

  EventLoop(Runner runner, int number) {
    this.runner = runner;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread = Thread.ofPlatform().name("apisix-runner-" + number).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Runs a task on this loop: at once when it is asked from here. */
  @Override
  public void execute(Runnable task) {
    if (Thread.currentThread() == thread) {
      task.run();
      return;
    }
    tasks.add(task);
    selector.wakeup();
  }

  /** Only for tasks of this loop. */
  WireWriter writer() {
    return writer;
  }

  /** Takes a connection over. */
  void adopt(SocketChannel channel) {
    execute(
        () -> {
          try {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            RunnerConnection connection = new RunnerConnection(channel, key, this, runner);
            key.attach(connection);
            connections.add(connection);
            if (draining) {
              connection.drain();
            }
          } catch (IOException e) {
            runner.disconnected();
            log.warn("a connection broke off at once: {}", e.getMessage());
          }
        });
  }

  void forget(RunnerConnection connection) {
    if (connections.remove(connection)) {
      runner.disconnected();
    }
  }

  /** Lets calls under way finish and ends every connection after its answer. */
  void drain() {
    execute(
        () -> {
          draining = true;
          List.copyOf(connections).forEach(RunnerConnection::drain);
          selector.wakeup();
        });
  }

  /** Waits until nothing is connected; what is left after the patience is cut off. */
  void end(Duration patience) throws InterruptedException {
    if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      execute(() -> List.copyOf(connections).forEach(RunnerConnection::close));
      ended.await();
    }
  }

  private void run() {
    try {
      while (!(draining && connections.isEmpty())) {
        selector.select(this::ready, SWEEP_MILLIS);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        sweep();
      }
      selector.close();
    } catch (IOException | ClosedSelectorException e) {
      log.error("an event loop ended: {}", e.toString());
    } finally {
      ended.countDown();
    }
  }

  private void ready(SelectionKey key) {
    if (key.attachment() instanceof RunnerConnection connection) {
      connection.ready();
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    if (now - swept > SWEEP_MILLIS * 1_000_000) {
      swept = now;
      List.copyOf(connections).forEach(connection -> connection.checkAge(now));
    }
  }
}
