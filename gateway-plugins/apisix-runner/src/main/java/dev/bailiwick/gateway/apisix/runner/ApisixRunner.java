// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.bailiwick.gateway.report.ReportToken;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** A running plugin runner. Thread-safe. */
public final class ApisixRunner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApisixRunner.class);
  private static final Duration SWEEP = Duration.ofSeconds(1);

  /** For connections that were made before the socket's file was gone. */
  private static final Duration LAST_ACCEPTED = Duration.ofMillis(100);

  /** Long bodies are rewritten here. */
  private static final Executor BODIES = bodies();

  private final RunnerSettings settings;
  private final RunnerCore core;
  private final Executor bodies;
  private final RunnerMetrics metrics = new RunnerMetrics();
  private final ConfTokens confs;
  private final PendingCalls pending;
  private final AdminServer admin;
  private final SocketPlace place;
  private final List<EventLoop> loops = new ArrayList<>();
  private final Semaphore room;
  private final Thread acceptor;
  private final Thread sweeper;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch stopped = new CountDownLatch(1);

  private ApisixRunner(RunnerSettings settings, RunnerCore core, Executor bodies) {
    this.settings = settings;
    this.core = core;
    this.bodies = bodies;
    this.confs = new ConfTokens(settings.confLife(), Ticker.systemTicker());
    this.pending =
        new PendingCalls(
            settings.limits(), settings.reportToken().isPresent(), metrics, Ticker.systemTicker());
    this.room = new Semaphore(settings.limits().maxConnections());
    this.admin =
        AdminServer.start(
            settings.adminPort(),
            new AdminServer.View(this::ready, this::status, this::metricsText),
            settings.reportToken().map(ApisixRunner::token),
            pending);
    this.place = place(settings);
    Runner shared = new Shared();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      loops.add(new EventLoop(shared, i));
    }
    this.acceptor = Thread.ofPlatform().name("apisix-runner-accept").unstarted(this::accept);
    this.sweeper = Thread.ofVirtual().name("apisix-runner-sweep").unstarted(this::sweep);
  }

  private static Executor bodies() {
    int threads = Runtime.getRuntime().availableProcessors();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("apisix-runner-body-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static ReportToken token(Path file) {
    try {
      return ReportToken.of(file);
    } catch (IllegalArgumentException e) {
      throw new RunnerStartException(String.valueOf(e.getMessage()));
    }
  }

  private SocketPlace place(RunnerSettings wanted) {
    try {
      return SocketPlace.open(wanted.socket());
    } catch (RunnerStartException e) {
      admin.close();
      throw e;
    }
  }

  /**
   * Starts a runner; it serves when this returns.
   *
   * @throws RunnerStartException with every reason why it does not
   */
  public static ApisixRunner start(RunnerSettings settings) {
    return start(settings, BODIES);
  }

  /** The same; long bodies are rewritten by {@code bodies}. */
  static ApisixRunner start(RunnerSettings settings, Executor bodies) {
    RunnerCore core = RunnerCore.open(settings);
    ApisixRunner runner;
    try {
      runner = new ApisixRunner(settings, core, bodies);
    } catch (RunnerStartException e) {
      core.close();
      throw e;
    }
    runner.loops.forEach(EventLoop::start);
    runner.acceptor.start();
    runner.sweeper.start();
    return runner;
  }

  private final class Shared implements Runner {
    @Override
    public RunnerSettings.Limits limits() {
      return settings.limits();
    }

    @Override
    public ConfTokens confs() {
      return confs;
    }

    @Override
    public RunnerMetrics metrics() {
      return metrics;
    }

    @Override
    public Conversation conversation(RunnerConnection connection, RequestCall call) {
      return new RequestConversation(connection, call, confs, metrics, core, pending);
    }

    @Override
    public Conversation conversation(RunnerConnection connection, ResponseCall call) {
      return new ResponseConversation(connection, call, confs, metrics, pending, bodies);
    }

    @Override
    public void disconnected() {
      room.release();
    }
  }

  /** Where APISIX connects. */
  public Path socket() {
    return settings.socket().path();
  }

  /** Readiness, metrics and reports. */
  public URI admin() {
    return URI.create("http://127.0.0.1:" + admin.port());
  }

  /** The bundle in force, as {@code name@version}. */
  public String policy() {
    return core.policy();
  }

  private void accept() {
    try {
      for (int next = 0; ; next = (next + 1) % loops.size()) {
        room.acquire();
        loops.get(next).adopt(accepted());
      }
    } catch (ClosedChannelException | InterruptedException e) {
      log.debug("no connection is accepted any more");
    } catch (IOException e) {
      log.error("no connection can be accepted any more: {}", e.getMessage());
    }
  }

  /** A full table of descriptors passes; a closed channel does not. */
  private SocketChannel accepted() throws IOException, InterruptedException {
    while (true) {
      try {
        return place.channel().accept();
      } catch (ClosedChannelException e) {
        throw e;
      } catch (IOException e) {
        log.warn("a connection could not be accepted: {}", e.getMessage());
        Thread.sleep(100);
      }
    }
  }

  private void sweep() {
    try {
      while (!stopping.get()) {
        Thread.sleep(SWEEP);
        pending.sweep();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int connections() {
    return settings.limits().maxConnections() - room.availablePermits();
  }

  private boolean ready() {
    return !stopping.get() && core.auditFailure().isEmpty();
  }

  private String status() {
    StringBuilder json = new StringBuilder("{\"status\":\"");
    json.append(stopping.get() ? "STOPPING" : ready() ? "UP" : "DOWN").append("\",\"policy\":");
    quote(json, core.policy());
    detail(json, "audit", core.auditFailure());
    detail(json, "reload", core.reloadFailure());
    return json.append("}\n").toString();
  }

  private static void detail(StringBuilder json, String name, Optional<String> sentence) {
    if (sentence.isPresent()) {
      json.append(",\"").append(name).append("\":");
      quote(json, sentence.get());
    }
  }

  private static void quote(StringBuilder json, String text) {
    json.append(JsonMapper.shared().writeValueAsString(text));
  }

  private String metricsText() {
    return metrics.text(connections(), pending.size(), confs.size(), ready());
  }

  /** Waits until the runner has stopped. */
  public void await() throws InterruptedException {
    stopped.await();
  }

  /**
   * Stops: no new connection, every call under way gets its answer, every connection ends after its
   * answer, and what is still unreported is recorded with an unknown status.
   */
  @Override
  public void close() {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    try {
      place.withdraw();
      Thread.sleep(LAST_ACCEPTED);
      place.close();
      acceptor.join();
      loops.forEach(EventLoop::drain);
      for (EventLoop loop : loops) {
        loop.end(settings.limits().drain());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    admin.close();
    sweeper.interrupt();
    pending.close();
    core.close();
    stopped.countDown();
  }
}
