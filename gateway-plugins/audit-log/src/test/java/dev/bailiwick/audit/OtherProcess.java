// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A second process that writes a trail. */
final class OtherProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private long acknowledged;

  private OtherProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts it; it appends records for ever and prints the sequence of each that is durable. */
  static OtherProcess start(TestTrail trail) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new OtherProcess(
        new ProcessBuilder(
                java.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                trail.directory().toString(),
                trail.writer())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** Runs in the other process. */
  public static void main(String[] args) {
    TestTrail trail = new TestTrail(Path.of(args[0]), args[1]);
    try (FileAuditLog log = FileAuditLog.open(trail.options())) {
      for (int n = 1; n < 1_000_000; n++) {
        System.out.println(TestTrail.receipt(log, TestRecords.allowed(n)).sequence());
      }
    } catch (AuditException e) {
      System.out.println(e.getMessage());
    }
  }

  String nextLine() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new AssertionError("the other process ended");
    }
    return line;
  }

  /** Waits until it has made a number of records durable. */
  void awaitAcknowledged(long sequence) throws IOException {
    while (acknowledged < sequence) {
      acknowledged = Long.parseLong(nextLine());
    }
  }

  long pid() {
    return process.pid();
  }

  /** Kills it like a power cut would; returns the last sequence that it had acknowledged. */
  long kill() throws IOException, InterruptedException {
    // The handle, unlike the process, leaves the stream open: what was acknowledged is still in it.
    if (!process.toHandle().destroyForcibly()) {
      throw new AssertionError("the other process cannot be killed");
    }
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      acknowledged = Long.parseLong(line);
    }
    process.waitFor(30, TimeUnit.SECONDS);
    return acknowledged;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
