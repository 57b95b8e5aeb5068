// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that serve callers. Root has its own, so that what it asks for is never behind
 * somebody else's; of the others' no user gets more than a few, however slow it makes them.
 * Thread-safe.
 */
final class Turns {
  private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
  private static final int ROOT = 0;
  private static final int WORKERS = 8;
  private static final int AT_ONCE_OF_ONE_USER = 3;

  private final ExecutorService ofRoot = workers("bailiwick-root-");
  private final ExecutorService ofOthers = workers("bailiwick-launch-");
  private final Map<Integer, Line> lines = new HashMap<>();

  /** What one user waits for. */
  private static final class Line {
    final Queue<Runnable> waiting = new ArrayDeque<>();
    int running;
  }

  private static ExecutorService workers(String name) {
    return Executors.newFixedThreadPool(
        WORKERS, Thread.ofPlatform().daemon().name(name, 0).factory());
  }

  /** Has a thread do something for a user, when it is that user's turn. */
  void execute(int uid, Runnable task) {
    if (uid == ROOT) {
      hand(ofRoot, () -> run(task));
      return;
    }
    synchronized (lines) {
      Line line = lines.computeIfAbsent(uid, one -> new Line());
      if (line.running >= AT_ONCE_OF_ONE_USER) {
        line.waiting.add(task);
        return;
      }
      line.running++;
    }
    hand(ofOthers, () -> runAndNext(uid, task));
  }

  private void runAndNext(int uid, Runnable task) {
    run(task);
    Runnable next;
    synchronized (lines) {
      Line line = lines.computeIfAbsent(uid, one -> new Line());
      next = line.waiting.poll();
      if (next == null && --line.running == 0) {
        lines.remove(uid);
      }
    }
    if (next != null) { // at the end of the queue: others have waited, too
      hand(ofOthers, () -> runAndNext(uid, next));
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a request failed", e);
    }
  }

  private static void hand(ExecutorService workers, Runnable task) {
    try {
      workers.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.info("the enforcer is ending; a request is not served any more");
    }
  }

  /** Lets what is being done be done; what waits is forgotten. */
  void end(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (ExecutorService workers : new ExecutorService[] {ofRoot, ofOthers}) {
      workers.shutdown();
      if (!workers.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        workers.shutdownNow();
      }
    }
  }
}
