// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.audit.AuditTrace;
import dev.bailiwick.audit.AuditVerification;
import dev.bailiwick.audit.AuditVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The evidence: whether it is whole, and what it says about a task. */
@Command(name = "audit", description = "Verify the audit trail, and trace a task through it.")
final class AuditCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  AuditCommand() {}

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "verify",
      description = "Prove that no record was cut or changed; exit status 1 if one was.",
      mixinStandardHelpOptions = true)
  int verify(
      @Parameters(paramLabel = "DIR", description = "The audit directory.") Path directory,
      @Option(
              names = "--public-key",
              paramLabel = "WRITER=FILE",
              description = "A writer's public key that was kept elsewhere; may be repeated.")
          @Nullable Map<String, Path> publicKeys) {
    AuditVerification found =
        AuditVerifier.verify(directory, publicKeys == null ? Map.of() : publicKeys);
    out().print(found.toText());
    return found.sound() ? 0 : 1;
  }

  @Command(
      name = "trace",
      description = "Who asked whom to do what under a task: gateway and kernel side by side.",
      mixinStandardHelpOptions = true)
  int trace(
      @Parameters(paramLabel = "TASK", description = "The token claim txn.") String task,
      @Option(
              names = {"--audit", "--dir"},
              paramLabel = "DIR",
              defaultValue = "audit",
              description = "The audit directory (default: ${DEFAULT-VALUE}).")
          Path directory,
      @Option(names = "--json", description = "For machines.") boolean json)
      throws IOException {
    AuditTrace trace = AuditTrace.of(directory, task);
    out().print(json ? trace.toJson() : trace.toText());
    return 0;
  }
}
