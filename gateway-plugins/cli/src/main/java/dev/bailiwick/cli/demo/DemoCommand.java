// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bailiwick demo}. */
@Command(
    name = "demo",
    description = {
      "Run the main job on this machine: a sandboxed agent, a gateway, a simulated SaaS.",
      "Exit status 0 when every outcome is as expected."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Keep the working directory there: bundle, vault, audit trail, logs.")
  private @Nullable Path keep;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  DemoCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Demo demo = Demo.set(spec.commandLine().getOut(), keep)) {
      return demo.run() ? 0 : 1;
    }
  }
}
