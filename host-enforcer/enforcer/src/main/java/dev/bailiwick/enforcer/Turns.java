// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that do things for callers: root has its own, so has each user who is let in, and all
 * others share a few. So whoever makes a thread wait, by sending slowly or with a descriptor that
 * is never done closing, makes only their own wait. Thread-safe.
 */
final class Turns {
  private static final Logger LOG = LoggerFactory.getLogger(Turns.class);
  private static final int ROOT = 0;
  private static final int STRANGER = -1;
  private static final int THREADS_OF_ROOT = 8;
  private static final int THREADS_OF_A_USER = 3;
  private static final int IDLE_SECONDS = 60;

  private final String what;
  private final Set<Integer> users;
  private final Map<Integer, ExecutorService> pools = new ConcurrentHashMap<>();

  /** {@code what} names the threads; {@code users} are let in beside root. */
  Turns(String what, Set<Integer> users) {
    this.what = what;
    this.users = Set.copyOf(users);
  }

  /** Has a thread do something for a user, when it is that user's turn. */
  void execute(int uid, Runnable task) {
    try {
      pools.computeIfAbsent(whose(uid), this::pool).execute(() -> run(task));
    } catch (RejectedExecutionException e) {
      LOG.info("the enforcer is ending; there is no turn for uid {} any more", uid);
    }
  }

  /** The uid whose turn it is: all who are not let in are one. */
  int whose(int uid) {
    return uid == ROOT || users.contains(uid) ? uid : STRANGER;
  }

  private ExecutorService pool(int uid) {
    int threads = uid == ROOT ? THREADS_OF_ROOT : THREADS_OF_A_USER;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("bailiwick-" + what + "-" + uid + "-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a request failed", e);
    }
  }

  /**
   * Lets what is being done be done, and forgets what takes longer.
   *
   * @return whether all of it is done
   */
  boolean end(Duration patience) throws InterruptedException {
    boolean done = true;
    long end = System.nanoTime() + patience.toNanos();
    List<ExecutorService> all = new ArrayList<>(pools.values());
    all.forEach(ExecutorService::shutdown);
    for (ExecutorService pool : all) {
      if (!pool.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        pool.shutdownNow();
        done = false;
      }
    }
    return done;
  }
}
