// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.bailiwick.enforcer.kernel.Connection;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.Listener;
import dev.bailiwick.enforcer.kernel.SpawnedProcess;
import dev.bailiwick.enforcer.kernel.Watch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the daemon's sockets: reads requests, asks who is asking, and answers. One thread waits
 * for all connections, a few do the work; a sandbox that runs holds a connection and no thread.
 *
 * <p>There are two, which share no thread and no queue: one for root, and one for whoever asks, at
 * which users can crowd each other out.
 */
final class Reception implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(15);
  private static final int ROOT = 0;

  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** So that whoever connects and says nothing cannot use up what others need. */
  private static final int MAX_UNSERVED = 64;

  /** Connections that are open and not served, root's aside. */
  private static final int MAX_HELD = 16_384;

  private static final String OWNER_ONLY_DIRECTORY = "rwx------";

  private static final int ACCEPTED_AT_ONCE = 64;

  private static final int OWNER_ONLY = 0600;
  private static final int EVERYBODY = 0666;
  private static final long LISTENER = 0;

  private final SandboxKeeper keeper;
  private final Map<Integer, Set<String>> launchers;
  private final Path socket;
  private final Listener listener;
  private final Watch watch;
  private final LaunchDesk desk;
  private final AtomicLong names = new AtomicLong(LISTENER + 1);
  private final Map<Long, Errand> waiting = new ConcurrentHashMap<>();
  private final Map<Long, Silent> silent = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> unserved = new ConcurrentHashMap<>(); // by whose they are
  private final AtomicInteger held = new AtomicInteger();
  private final int mostHeld = Math.min(MAX_HELD, maxDescriptors() / 2);
  private final Turns turns;

  /**
   * A descriptor that somebody sent and nobody received is dropped by whoever closes the
   * connection, and a socket that lingers makes that one wait.
   */
  private final Turns closers;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("bailiwick-reception-timer").factory());
  private final Thread thread;
  private volatile boolean closing;

  /** Something to do for a user. */
  private record Errand(int uid, Runnable task) {}

  /** A connection that has said nothing yet. */
  private record Silent(Connection connection, long since) {}

  private Reception(
      EnforcerSettings settings,
      SandboxKeeper keeper,
      KernelPart kernel,
      Path socket,
      Listener listener,
      Watch watch)
      throws IOException {
    this.keeper = keeper;
    this.launchers = settings.launchers();
    this.turns = new Turns("serve", launchers.keySet());
    this.closers = new Turns("close", launchers.keySet());
    this.socket = socket;
    this.listener = listener;
    this.watch = watch;
    this.desk = new LaunchDesk(keeper, kernel, this);
    this.thread = new Thread(this::serve, "bailiwick-reception");
  }

  /** Root's own socket. */
  static Reception ofRoot(EnforcerSettings settings, SandboxKeeper keeper, KernelPart kernel)
      throws IOException {
    Path socket = settings.paths().rootSocket();
    Path directory = Objects.requireNonNull(socket.getParent());
    Files.createDirectories(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(OWNER_ONLY_DIRECTORY));
    return open(settings, keeper, kernel, socket, OWNER_ONLY);
  }

  /** The socket for users who are let in; root is served there, too. */
  static Reception ofAll(EnforcerSettings settings, SandboxKeeper keeper, KernelPart kernel)
      throws IOException {
    int mode = settings.launchers().isEmpty() ? OWNER_ONLY : EVERYBODY;
    return open(settings, keeper, kernel, settings.paths().socket(), mode);
  }

  /** Opens a socket; a file that a daemon before this one left there is replaced. */
  private static Reception open(
      EnforcerSettings settings, SandboxKeeper keeper, KernelPart kernel, Path socket, int mode)
      throws IOException {
    Files.deleteIfExists(socket);
    Listener listener = Listener.at(kernel, socket, mode, PATIENCE);
    Watch watch = Watch.open();
    watch.add(listener, LISTENER);
    Reception reception = new Reception(settings, keeper, kernel, socket, listener, watch);
    reception.thread.start();
    ScheduledFuture<?> unused =
        reception.timer.scheduleWithFixedDelay(
            reception::closeSilent, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    return reception;
  }

  /** Half of what may be open is for root, for sandboxes and for the daemon itself. */
  private static int maxDescriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? (int) Math.min(system.getMaxFileDescriptorCount(), Integer.MAX_VALUE)
        : 2 * MAX_HELD;
  }

  private void serve() {
    while (!closing) {
      for (long name : awaitNames()) {
        // Each name is told once: what fails for one must not be the end of the others.
        try {
          if (name == LISTENER) {
            acceptSome();
          } else {
            doNow(name);
          }
        } catch (RuntimeException | Error e) {
          LOG.error("a connection cannot be served: {}", String.valueOf(e));
        }
      }
    }
  }

  private long[] awaitNames() {
    try {
      return watch.await();
    } catch (IOException e) {
      LOG.error("connections cannot be waited for: {}", e.getMessage());
      LockSupport.parkNanos(PAUSE.toNanos());
      return new long[0];
    }
  }

  /** A few, so that whoever connects without end holds up nobody who is connected. */
  private void acceptSome() {
    boolean pause = true;
    try {
      int accepted = 0;
      while (accepted < ACCEPTED_AT_ONCE && held.get() < mostHeld) {
        Optional<Connection> one = listener.accept();
        if (one.isEmpty()) {
          break;
        }
        accepted++;
        take(one.get());
      }
      pause = held.get() >= mostHeld;
    } catch (IOException e) {
      LOG.error("a connection cannot be accepted: {}", e.getMessage());
    } finally {
      if (pause) {
        listenAgainLater();
      } else {
        listenAgain();
      }
    }
  }

  private void listenAgainLater() {
    try {
      ScheduledFuture<?> unused =
          timer.schedule(this::listenAgain, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the enforcer is ending; nobody is accepted any more");
    }
  }

  private void listenAgain() {
    try {
      watch.again(listener, LISTENER);
    } catch (IOException e) {
      LOG.error("nobody can be accepted: {}", e.getMessage());
      listenAgainLater();
    }
  }

  private void take(Connection connection) {
    int whose = turns.whose(connection.uid());
    if (whose != ROOT) {
      held.incrementAndGet();
    }
    if (unserved.merge(whose, 1, Integer::sum) > MAX_UNSERVED && whose != ROOT) {
      drop(connection);
      return;
    }
    long name = expect(connection.uid(), () -> serve(connection));
    silent.put(name, new Silent(connection, System.nanoTime()));
    try {
      watch.add(connection, name);
    } catch (IOException e) {
      doNow(name); // it will find out what is the matter
    }
  }

  private void closeSilent() {
    long now = System.nanoTime();
    try {
      silent.forEach(
          (name, one) -> {
            // Whoever takes the errand decides what becomes of the connection.
            if (now - one.since() > SILENCE.toNanos() && waiting.remove(name) != null) {
              silent.remove(name);
              drop(one.connection());
            }
          });
    } catch (RuntimeException | Error e) { // or there would be no next time
      LOG.error("silent connections cannot be closed: {}", String.valueOf(e));
    }
  }

  /** Closes a connection that is not served, in a thread that may wait. */
  private void drop(Connection connection) {
    leaveQueue(connection.uid());
    closers.execute(
        connection.uid(),
        () -> {
          try {
            connection.close();
          } finally {
            letGo(connection.uid());
          }
        });
  }

  private void work(Errand errand) {
    turns.execute(errand.uid(), errand.task());
  }

  /** Has a worker do something when the peer says something more or is gone; once. */
  void whenReadableAgain(Connection connection, Runnable task) {
    long name = expect(connection.uid(), task);
    try {
      watch.again(connection, name);
    } catch (IOException e) {
      doNow(name);
    }
  }

  /** Has a worker do something for a caller when a process has ended. */
  void whenEnded(int uid, SpawnedProcess process, Runnable task) {
    long name = expect(uid, task);
    try {
      watch.add(process, name);
    } catch (IOException e) {
      doNow(name);
    }
  }

  private long expect(int uid, Runnable task) {
    long name = names.getAndIncrement();
    waiting.put(name, new Errand(uid, task));
    return name;
  }

  private void doNow(long name) {
    Optional<Errand> errand = Optional.ofNullable(waiting.remove(name));
    silent.remove(name);
    errand.ifPresent(this::work);
  }

  private void leaveQueue(int uid) {
    unserved.computeIfPresent(turns.whose(uid), (same, count) -> count == 1 ? null : count - 1);
  }

  private void letGo(int uid) {
    if (uid != ROOT) {
      held.decrementAndGet();
    }
  }

  private void serve(Connection connection) {
    leaveQueue(connection.uid());
    letGo(connection.uid());
    boolean kept = false;
    try {
      if (connection.uid() != ROOT && !launchers.containsKey(connection.uid())) {
        connection.send(
            refusal(
                "uid "
                    + connection.uid()
                    + " may not ask this enforcer for anything; it was started without --allow for"
                    + " it"));
        return;
      }
      Optional<byte[]> message = read(connection);
      if (message.isEmpty()) {
        return;
      }
      kept = answer(connection, EnforcerRequest.parse(message.get()));
    } catch (SandboxException | IOException e) {
      sayQuietly(connection, String.valueOf(e.getMessage()));
    } finally {
      if (!kept) {
        connection.close();
      }
    }
  }

  /** Empty when the peer only looked whether somebody is there. */
  private static Optional<byte[]> read(Connection connection) throws IOException, SandboxException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    byte[] length = new byte[Message.LENGTH_BYTES];
    int first = connection.receive(length, 0);
    if (first == 0) {
      return Optional.empty();
    }
    readRest(connection, length, first, end);
    int bytes = ByteBuffer.wrap(length).getInt();
    if (bytes < 1 || bytes > Message.MAX_BYTES) {
      throw new SandboxException(
          "the message is malformed: its length must be from 1 to "
              + Message.MAX_BYTES
              + " bytes, but is "
              + Integer.toUnsignedString(bytes));
    }
    byte[] content = new byte[bytes];
    readRest(connection, content, 0, end);
    return Optional.of(content);
  }

  private static void readRest(Connection connection, byte[] into, int have, long end)
      throws IOException, SandboxException {
    int at = have;
    while (at < into.length) {
      int more = connection.receive(into, at);
      if (more == 0) {
        throw new SandboxException(
            "the message is malformed: it ends after " + at + " of " + into.length + " bytes");
      }
      if (System.nanoTime() > end) {
        throw new SandboxException("the message took longer than " + PATIENCE.toSeconds() + " s");
      }
      at += more;
    }
  }

  /** True when the connection lives on. */
  private boolean answer(Connection connection, EnforcerRequest request)
      throws SandboxException, IOException {
    if (request instanceof EnforcerRequest.Launch launch) {
      return launch(connection, launch);
    }
    if (connection.uid() != ROOT && !(request instanceof EnforcerRequest.Status)) {
      throw new SandboxException("only root may do this");
    }
    Message reply = new Message().put("reply", "done");
    switch (request) {
      case EnforcerRequest.Status status -> reply.put("status", keeper.report().json());
      case EnforcerRequest.Reload reload -> {
        long before = System.nanoTime();
        String policy = keeper.reload();
        reply
            .put("policy", policy)
            .put("micros", TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - before));
      }
      case EnforcerRequest.Revoke revoke -> {
        SandboxKeeper.Revocation done = keeper.revoke(revoke.task(), revoke.kill());
        reply
            .put("sandboxes", done.sandboxes())
            .put("sockets", done.sockets())
            .put("errno", done.errno());
      }
      case EnforcerRequest.Launch launch -> throw new IllegalStateException("served above");
    }
    connection.send(reply.frame());
    return false;
  }

  private boolean launch(Connection connection, EnforcerRequest.Launch request)
      throws SandboxException, IOException {
    if (!keeper.isMeant(request)) {
      connection.send(
          new Message()
              .put("reply", "elsewhere")
              .put("message", "this enforcer has another bundle or another trail")
              .frame());
      return false;
    }
    if (connection.uid() == ROOT) {
      return desk.arrange(connection, request);
    }
    requirePermission(connection.uid(), request);
    return desk.start(connection, request);
  }

  private void requirePermission(int uid, EnforcerRequest.Launch request) throws SandboxException {
    Set<String> permitted = launchers.getOrDefault(uid, Set.of());
    if (!permitted.contains(request.sandbox())) {
      throw new SandboxException(
          "uid " + uid + " may not start sandbox " + request.sandbox() + ", only " + permitted);
    }
    if (request.task().isEmpty()) {
      throw new SandboxException(
          "task is missing: whoever is not root names the task that the sandbox works on, so that"
              + " it can be cut off with it");
    }
    if (request.workspace().isPresent()) {
      throw new SandboxException(
          "workspace can be given by root only, because it is handed over to the sandbox's uid");
    }
    if (request.gateway().isPresent()) {
      throw new SandboxException("gateway can be given by root only: it says what is reached");
    }
    if (request.agent().filter(agent -> !agent.equals(request.sandbox())).isPresent()) {
      throw new SandboxException("agent can be given by root only: evidence is recorded under it");
    }
  }

  static byte[] refusal(String message) {
    return new Message().put("reply", "refused").put("message", message.getBytes(UTF_8)).frame();
  }

  private static void sayQuietly(Connection connection, String message) {
    try {
      connection.send(refusal(message));
    } catch (IOException e) {
      LOG.debug("nobody hears a refusal: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    boolean unused = end();
  }

  /**
   * Serves nobody any more.
   *
   * @return whether nothing is being done for anybody any more
   */
  boolean end() {
    closing = true;
    watch.wake();
    timer.shutdownNow();
    boolean done = false;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
      done = turns.end(LAST_PATIENCE);
      boolean closed = closers.end(Duration.ZERO);
      LOG.debug("all connections that were not served are closed: {}", closed);
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed: {}", socket, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.close();
    desk.close();
    watch.close();
    return done;
  }
}
