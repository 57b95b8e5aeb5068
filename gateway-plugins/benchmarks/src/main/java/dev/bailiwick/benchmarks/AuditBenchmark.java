// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.AuditRecord;
import dev.bailiwick.audit.FileAuditLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.util.FileSystemUtils;

/**
 * A record of an allowed read, from queueing to the disk, in batches. The trail is in memory
 * ({@code /dev/shm}) where there is such a place: a disk's own time is not what is looked for.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class AuditBenchmark {
  private static final int BATCH = 1024;

  private Path directory;
  private AuditLog log;

  /** A trail of its own for every iteration, so that it never gets long. */
  @Setup(Level.Iteration)
  public void open() throws IOException {
    Path memory = Path.of("/dev/shm");
    directory =
        Files.isDirectory(memory)
            ? Files.createTempDirectory(memory, "bailiwick-audit")
            : Files.createTempDirectory("bailiwick-audit");
    log = FileAuditLog.open(AuditOptions.of(directory, "bench", Clock.systemUTC()));
  }

  /** One record of a batch; the last one is waited for. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public AuditLog.Receipt append() {
    CompletionStage<AuditLog.Receipt> receipt = log.append(read(0));
    for (int i = 1; i < BATCH; i++) {
      receipt = log.append(read(i));
    }
    return receipt.toCompletableFuture().join();
  }

  private static AuditRecord read(int number) {
    return new AuditRecord.GatewayDecision(
        Instant.now(),
        "0123456789abcdef-" + number,
        true,
        "ALLOW",
        "covered by the token and by the ceiling of agent triage-agent",
        "bench@1",
        Optional.of(
            new AuditRecord.Caller(
                Scene.AUDIENCE,
                "alice",
                List.of(
                    new AuditRecord.Actor(Scene.AUDIENCE, "triage-agent"),
                    new AuditRecord.Actor(Scene.AUDIENCE, "planner")),
                "txn-0123456789abcdef",
                "0123456789abcdef0123456789abcdef",
                Optional.empty(),
                Optional.of("triage-client"),
                Optional.empty())),
        Optional.of("servicenow"),
        "GET",
        Optional.of("/servicenow/api/now/table/incident/c1000000000000000000000000000001"),
        List.of("servicenow:table/incident:read"),
        Optional.of("vault:bench"),
        OptionalInt.of(200),
        "127.0.0.1");
  }

  @TearDown(Level.Iteration)
  public void close() throws IOException {
    log.close();
    FileSystemUtils.deleteRecursively(directory);
  }
}
