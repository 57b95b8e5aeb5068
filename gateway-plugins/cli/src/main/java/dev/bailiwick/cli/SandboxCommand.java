// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.enforcer.SandboxException;
import dev.bailiwick.enforcer.SandboxLauncher;
import dev.bailiwick.enforcer.SandboxRequest;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a command where it can reach the gateway and nothing else. */
@Command(name = "sandbox", description = "Run an agent in a sandbox of the bundle.")
final class SandboxCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  SandboxCommand() {}

  @Command(
      name = "run",
      description = {
        "Run CMD in a sandbox; its exit status is passed through.",
        "125: nothing was started; 126: CMD cannot be executed; 127: there is no CMD."
      },
      exitCodeOnInvalidInput = SandboxLauncher.NOT_CONFINED,
      exitCodeOnExecutionException = SandboxLauncher.NOT_CONFINED,
      mixinStandardHelpOptions = true)
  int run(
      @Option(names = "--bundle", required = true, paramLabel = "FILE") Path bundleFile,
      @Option(
              names = "--sandbox",
              required = true,
              paramLabel = "NAME",
              description = "A sandbox of the bundle.")
          String sandbox,
      @Option(
              names = "--task",
              paramLabel = "TASK",
              description = "Record under this task: the token claim txn.")
          @Nullable String task,
      @Option(
              names = "--agent",
              paramLabel = "NAME",
              description =
                  "An agent of the bundle; without it, the one that is named like the sandbox.")
          @Nullable String agent,
      @Option(
              names = "--workspace",
              paramLabel = "DIR",
              description =
                  "The directory that CMD may write; without it, a fresh one that goes with it.")
          @Nullable Path workspace,
      @Option(
              names = "--gateway",
              paramLabel = "URL",
              description = "Where the gateway really is, when not at the bundle's externalUrl.")
          @Nullable URI gateway,
      @Option(
              names = "--audit",
              paramLabel = "DIR",
              defaultValue = "audit",
              description = "The audit directory (default: ${DEFAULT-VALUE}).")
          Path audit,
      @Parameters(arity = "1..*", paramLabel = "CMD", description = "Program and arguments.")
          List<String> command) {
    try {
      Bundle bundle = BundleReader.read(bundleFile);
      SandboxRequest request =
          new SandboxRequest(
              bundle,
              sandbox,
              command,
              Optional.ofNullable(task),
              agentName(bundle, sandbox, agent),
              Optional.ofNullable(workspace),
              Optional.ofNullable(gateway));
      return launch(request, audit);
    } catch (PolicyException | SandboxException e) {
      spec.commandLine().getErr().println("bailiwick: " + e.getMessage());
      return SandboxLauncher.NOT_CONFINED;
    }
  }

  private Optional<String> agentName(Bundle bundle, String sandbox, @Nullable String agent)
      throws SandboxException {
    if (agent != null && !bundle.agents().containsKey(agent)) {
      throw new SandboxException(
          "bundle "
              + bundle.id()
              + " has no agent named "
              + agent
              + "; it has "
              + (bundle.agents().isEmpty()
                  ? "none"
                  : String.join(", ", new TreeSet<>(bundle.agents().keySet()))));
    }
    return Optional.ofNullable(agent)
        .or(() -> Optional.of(sandbox).filter(bundle.agents()::containsKey));
  }

  private static int launch(SandboxRequest request, Path audit) throws SandboxException {
    // Two sandboxes may run at once, and a trail has one writer.
    String writer = "enforcer-" + ProcessHandle.current().pid();
    try (AuditLog log = FileAuditLog.open(AuditOptions.of(audit, writer, Clock.systemUTC()))) {
      return new SandboxLauncher(Clock.systemUTC()).run(request, log);
    }
  }
}
