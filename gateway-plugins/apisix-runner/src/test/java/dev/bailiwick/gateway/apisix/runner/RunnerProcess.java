// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.gateway.credential.VaultKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A runner in a process of its own, for ending it in ways that a process ends. */
final class RunnerProcess {
  private RunnerProcess() {}

  /** Starts one; it serves when this returns. */
  static Process start(RunnerSettings settings, Path vaultKey) throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RunnerProcess.class.getName(),
                settings.bundle().toString(),
                settings.vault().toString(),
                vaultKey.toString(),
                settings.audit().toString(),
                settings.writer(),
                settings.socket().path().toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (!"ready".equals(line)) {
      throw new IllegalStateException("the runner says " + line);
    }
    return process;
  }

  /** Entry of the process. */
  public static void main(String[] arguments) throws InterruptedException {
    ApisixRunner runner =
        ApisixRunner.start(
            new RunnerSettings(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                VaultKey.ofFile(Path.of(arguments[2])),
                Path.of(arguments[3]),
                arguments[4],
                RunnerSettings.Socket.at(Path.of(arguments[5])),
                0,
                Optional.empty(),
                Duration.ofHours(1),
                Duration.ofMillis(200),
                RunnerSettings.Limits.defaults()));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(runner::close));
    System.out.println("ready");
    runner.await();
  }
}
