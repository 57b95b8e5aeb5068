// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.enforcer.SandboxKeeper.Prepared;
import dev.bailiwick.enforcer.kernel.Connection;
import dev.bailiwick.enforcer.kernel.Descriptor;
import dev.bailiwick.enforcer.kernel.KernelPart;
import dev.bailiwick.enforcer.kernel.SpawnedProcess;
import dev.bailiwick.enforcer.kernel.SpawnedProcess.Gate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The conversation about one sandbox, from the request to its end. Root becomes the launcher
 * itself, so that the command is its child; for others the daemon makes the process. Thread-safe.
 */
final class LaunchDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LaunchDesk.class);

  /** As {@code launcher.h} has them. */
  private static final byte SAY_BORN = 'B';

  private static final byte SAY_CONFINED = 'P';

  private static final byte SAY_ENDED = 'E';
  private static final byte SAY_SIGNAL = 'S';
  private static final byte[] GO = {'G'};
  private static final byte[] TAKEN_DOWN = {'D'};
  private static final int WORD_BYTES = 1 + Integer.BYTES;
  private static final int SPAWNERS_OF_A_USER = 3;

  /** How long any one step of a start may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final SandboxKeeper keeper;
  private final Reception reception;
  private final Descriptor launcher;

  /**
   * Of each user who is let in, so that a process which is stuck before its command holds up nobody
   * else's. Commands follow the end of the thread that made them, so these live as long as the
   * daemon.
   */
  private final Map<Integer, ExecutorService> spawners = new ConcurrentHashMap<>();

  LaunchDesk(SandboxKeeper keeper, KernelPart kernel, Reception reception) throws IOException {
    this.keeper = keeper;
    this.reception = reception;
    this.launcher = Descriptor.launcher(kernel);
  }

  private record Word(byte word, int number) {
    static Optional<Word> receive(Connection connection) throws IOException {
      byte[] bytes = new byte[WORD_BYTES];
      if (!connection.receiveAll(bytes)) {
        return Optional.empty();
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      return Optional.of(new Word(buffer.get(), buffer.getInt()));
    }

    /** Empty when something else is said, or nothing any more. */
    static Optional<Word> receive(Connection connection, byte expected) throws IOException {
      return receive(connection).filter(word -> word.word() == expected);
    }

    static byte[] ended(int status) {
      return ByteBuffer.allocate(WORD_BYTES)
          .order(ByteOrder.nativeOrder())
          .put(SAY_ENDED)
          .putInt(status)
          .array();
    }
  }

  /**
   * Arranges a sandbox for a caller that becomes its launcher.
   *
   * @return true when the connection lives on
   */
  boolean arrange(Connection connection, EnforcerRequest.Launch request)
      throws SandboxException, IOException {
    connection.takeDescriptors().forEach(Descriptor::close);
    Prepared prepared = keeper.prepare(request, Caller.of(connection));
    boolean runs = false;
    try (Descriptor spec = Descriptor.sealed(prepared.spec())) {
      connection.send(new Message().put("reply", "become").frame(), spec, launcher);
      // While the caller becomes the launcher.
      Optional<String> unwritten = keeper.writeDown(prepared.sandbox());
      Optional<Word> born = Word.receive(connection, SAY_BORN);
      if (born.isEmpty()) {
        return false; // it has said on its standard error why
      }
      CompletableFuture<AuditLog.Receipt> record =
          keeper.beginRecord(prepared.sandbox(), born.get().number());
      Optional<Word> confined;
      Optional<String> lack;
      try {
        confined = Word.receive(connection, SAY_CONFINED);
      } finally {
        lack = keeper.finishRecord(prepared.sandbox(), record, unwritten);
      }
      if (confined.isEmpty()) {
        return false;
      }
      connection.send(lack.map(LaunchDesk::noGo).orElse(GO));
      reception.whenReadableAgain(connection, () -> followCaller(connection, prepared.sandbox()));
      runs = true;
      return true;
    } finally {
      if (!runs) {
        keeper.end(prepared.sandbox(), SandboxLauncher.NOT_CONFINED);
      }
    }
  }

  private static byte[] noGo(String lack) {
    return ("Nbailiwick: " + lack + "\n").getBytes(UTF_8);
  }

  /** The launcher says how the command ended, or is gone, and its command with it. */
  private void followCaller(Connection connection, LiveSandbox sandbox) {
    int status = SandboxKeeper.KILLED;
    try (connection) {
      Optional<Word> word = Word.receive(connection);
      if (word.isPresent() && word.get().word() == SAY_ENDED) {
        status = word.get().number();
      }
      keeper.end(sandbox, status);
      connection.send(TAKEN_DOWN);
    } catch (IOException e) {
      LOG.debug("the launcher is gone: {}", e.getMessage());
    } finally {
      keeper.end(sandbox, status);
    }
  }

  /**
   * Starts a sandbox for a caller who cannot: with the caller's standard streams.
   *
   * @return true when the connection lives on
   */
  boolean start(Connection connection, EnforcerRequest.Launch request)
      throws SandboxException, IOException {
    List<Descriptor> streams = connection.takeDescriptors();
    try {
      if (streams.size() != 3) {
        throw new SandboxException(
            "descriptors: standard input, output and error must come along, not "
                + streams.size()
                + " descriptors");
      }
      if (!SpawnedProcess.isSupported()) {
        throw new SandboxException("on this architecture only root can start sandboxes");
      }
      Prepared prepared = keeper.prepare(request, Caller.of(connection));
      try {
        Spawned spawned = spawn(prepared, streams);
        new Followed(connection, spawned.process(), prepared.sandbox()).begin(spawned.complaint());
        return true;
      } catch (SandboxException | IOException | RuntimeException e) {
        keeper.end(prepared.sandbox(), SandboxLauncher.NOT_CONFINED);
        throw e;
      }
    } finally {
      streams.forEach(Descriptor::close);
    }
  }

  /** A process that was made, and what it said when its command could not be executed. */
  private record Spawned(SpawnedProcess process, Optional<String> complaint) {}

  /**
   * Makes the process, and lets its command go when its start is recorded. No step waits for
   * somebody who could make it last: the sandbox is ended instead. A process whose walls do not
   * stand in the end is recorded as started, and as ended without its command.
   */
  private Spawned spawn(Prepared prepared, List<Descriptor> streams)
      throws SandboxException, IOException {
    Birth birth = new Birth(prepared);
    try (Gate gate = Gate.open(PATIENCE)) {
      spawners(prepared).execute(() -> birth.happen(streams, gate));
      // While the process is made: later this thread would take the processor from its walls.
      Optional<String> unwritten = keeper.writeDown(prepared.sandbox());
      int pid = gate.awaitBorn();
      Optional<String> lack = Optional.empty();
      if (pid > 0) {
        // The walls go up while the record is written.
        CompletableFuture<AuditLog.Receipt> record = keeper.beginRecord(prepared.sandbox(), pid);
        pid = gate.awaitConfined();
        lack = keeper.finishRecord(prepared.sandbox(), record, unwritten);
      }
      if (pid == Gate.LATE) {
        birth.giveUp();
        throw late("it did not stand behind its walls");
      }
      gate.release(pid > 0 && lack.isEmpty());
      SpawnedProcess process = birth.await();
      Optional<String> complaint = gate.complaint();
      if (lack.isPresent()) {
        birth.giveUp();
        throw new SandboxException(lack.get());
      }
      if (pid == 0) {
        birth.giveUp();
        throw new SandboxException(
            complaint
                .map(line -> line.strip().replaceFirst("^bailiwick: ", ""))
                .orElse("nothing was started: its process ended before it was ready"));
      }
      return new Spawned(process, complaint);
    }
  }

  private ExecutorService spawners(Prepared prepared) {
    return spawners.computeIfAbsent(
        prepared.sandbox().identity().caller(),
        uid ->
            Executors.newFixedThreadPool(
                SPAWNERS_OF_A_USER,
                Thread.ofPlatform().daemon().name("bailiwick-spawn-" + uid + "-", 0).factory()));
  }

  private static SandboxException late(String what) {
    return new SandboxException(
        "nothing was started: " + what + " within " + PATIENCE.toSeconds() + " s");
  }

  /** One process, from the wish for it until it exists or nobody wants it any more. */
  private final class Birth {
    private final Prepared prepared;
    private final CompletableFuture<SpawnedProcess> spawned = new CompletableFuture<>();

    /** Whoever takes it first decides whether there will be a process. */
    private final AtomicBoolean decided = new AtomicBoolean();

    Birth(Prepared prepared) {
      this.prepared = prepared;
    }

    /** In a spawner's thread; descriptors may be closed once it was given up before it began. */
    void happen(List<Descriptor> streams, Gate gate) {
      if (!decided.compareAndSet(false, true)) {
        return;
      }
      try {
        spawned.complete(SpawnedProcess.spawn(prepared.spec(), prepared.cgroup(), streams, gate));
      } catch (IOException | RuntimeException e) {
        spawned.completeExceptionally(e);
      } finally {
        gate.leave();
      }
    }

    /** The process, which executes its command or has ended. */
    SpawnedProcess await() throws SandboxException, IOException {
      try {
        return spawned.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        giveUp();
        throw late("its command could not be executed");
      } catch (ExecutionException e) {
        throw new SandboxException("nothing was started: " + e.getMessage());
      } catch (InterruptedException e) {
        giveUp();
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while a sandbox was starting", e);
      }
    }

    /** Ends whatever there is of the process, and with it the spawner's wait. */
    void giveUp() {
      if (decided.compareAndSet(false, true)) {
        return;
      }
      keeper.kill(prepared.sandbox());
      CompletableFuture<Void> ended =
          spawned.thenAccept(
              process ->
                  reception.whenEnded(
                      prepared.sandbox().identity().caller(), process, () -> forget(process)));
      try {
        ended.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException | ExecutionException e) {
        LOG.warn("a process that nobody wants any more: {}", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void forget(SpawnedProcess process) {
    try (process) {
      int status = process.reap();
      LOG.debug("a process that nobody wants any more ended with {}", status);
    } catch (IOException e) {
      LOG.warn("a process that nobody wants any more: {}", e.getMessage());
    }
  }

  /** A process of the daemon's for a caller who waits elsewhere. */
  private final class Followed {
    private final Connection connection;
    private final SpawnedProcess process;
    private final LiveSandbox sandbox;
    private boolean ended;

    Followed(Connection connection, SpawnedProcess process, LiveSandbox sandbox) {
      this.connection = connection;
      this.process = process;
      this.sandbox = sandbox;
    }

    synchronized void begin(Optional<String> complaint) {
      Message reply = new Message().put("reply", "started");
      complaint.ifPresent(line -> reply.put("complaint", line));
      try {
        connection.send(reply.frame());
        reception.whenReadableAgain(connection, this::hear);
      } catch (IOException e) {
        LOG.debug("the caller is gone: {}", e.getMessage());
        keeper.kill(sandbox);
      }
      reception.whenEnded(connection.uid(), process, this::finish);
    }

    /** A signal for the command; without a caller there is no command. */
    private synchronized void hear() {
      if (ended) {
        return;
      }
      try {
        Optional<Word> word = Word.receive(connection);
        if (word.isPresent() && word.get().word() == SAY_SIGNAL) {
          process.signal(word.get().number());
          reception.whenReadableAgain(connection, this::hear);
          return;
        }
      } catch (IOException e) {
        LOG.debug("the caller is gone: {}", e.getMessage());
      }
      keeper.kill(sandbox);
    }

    private synchronized void finish() {
      ended = true;
      int status = SandboxKeeper.KILLED;
      try {
        status = process.reap();
        if (!keeper.isDeserted(sandbox)) {
          keeper.end(sandbox, status); // what the command left behind ends before it is told
        }
        connection.send(Word.ended(status));
      } catch (IOException e) {
        LOG.debug("the caller is gone: {}", e.getMessage());
      } finally {
        keeper.end(sandbox, status);
        process.close();
        connection.close();
      }
    }
  }

  @Override
  public void close() {
    launcher.close();
  }
}
