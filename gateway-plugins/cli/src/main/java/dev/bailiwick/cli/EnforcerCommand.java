// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.enforcer.EnforcerClient;
import dev.bailiwick.enforcer.EnforcerDaemon;
import dev.bailiwick.enforcer.EnforcerSettings;
import dev.bailiwick.enforcer.HostPaths;
import dev.bailiwick.enforcer.Quotas;
import dev.bailiwick.enforcer.SandboxException;
import dev.bailiwick.policy.PolicyException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The enforcer as a daemon, and what can be asked of one that runs. */
@Command(
    name = "enforcer",
    description =
        "The enforcer on an agent's host: keep sandboxes, reload, revoke, say what holds.",
    subcommands = EnforcerDoctorCommand.class)
final class EnforcerCommand {
  /** {@code EOPNOTSUPP}: this kernel cannot end other processes' sockets. */
  private static final int CANNOT_END = 95;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  EnforcerCommand() {}

  @Command(
      name = "run",
      description = {
        "Serve sandbox run from a daemon, as root. SIGTERM ends it; what it enforces stays.",
        "Every sandbox that it starts is one of the bundle's, and has its evidence in one trail."
      },
      mixinStandardHelpOptions = true)
  int run(
      @Option(names = "--bundle", required = true, paramLabel = "FILE") Path bundle,
      @Option(
              names = "--audit",
              paramLabel = "DIR",
              defaultValue = "audit",
              description = "The audit directory (default: ${DEFAULT-VALUE}).")
          Path audit,
      @Option(
              names = "--allow",
              paramLabel = "UID:SANDBOX[,SANDBOX]",
              description =
                  "Let a user start these sandboxes, as root alone can otherwise; may be repeated.")
          @Nullable List<String> allow,
      @Option(
              names = "--max-sandboxes",
              paramLabel = "N",
              defaultValue = "2048",
              description =
                  "Sandboxes at once; users leave the last sixteenth to root (default:"
                      + " ${DEFAULT-VALUE}).")
          int maxSandboxes,
      @Option(
              names = "--max-sandboxes-per-user",
              paramLabel = "N",
              description = "Of one user who is not root (default: 64).")
          @Nullable Integer maxSandboxesPerUser,
      @Option(
              names = "--count-runs",
              description = "Have the kernel count runs and time of the programs, for status.")
          boolean countRuns,
      @Option(
              names = "--host",
              hidden = true,
              paramLabel = "RUN,STATE,NAME",
              description = "Other places than the host's own, for tests.")
          @Nullable String host)
      throws InterruptedException {
    EnforcerSettings settings =
        new EnforcerSettings(
            bundle.toAbsolutePath().normalize(),
            audit.toAbsolutePath().normalize(),
            paths(host),
            launchers(allow),
            quotas(maxSandboxes, maxSandboxesPerUser),
            countRuns);
    try (EnforcerDaemon daemon = EnforcerDaemon.start(settings, Clock.systemUTC())) {
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "bailiwick-end"));
      spec.commandLine().getOut().println("enforcer ready at " + settings.paths().socket());
      daemon.await();
      return 0;
    } catch (PolicyException | SandboxException e) {
      spec.commandLine().getErr().println("bailiwick: " + e.getMessage());
      return 1;
    }
  }

  private HostPaths paths(@Nullable String host) {
    if (host == null) {
      return HostPaths.defaults();
    }
    String[] parts = host.split(",", -1);
    return new HostPaths(
        Path.of(parts[0]), Path.of(parts[1]), HostPaths.defaults().bpf(), parts[2]);
  }

  private Quotas quotas(int inAll, @Nullable Integer ofOneUser) {
    try {
      return new Quotas(
          inAll, ofOneUser == null ? Math.min(inAll, Quotas.defaults().ofOneUser()) : ofOneUser);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private Map<Integer, Set<String>> launchers(@Nullable List<String> allow) {
    Map<Integer, Set<String>> launchers = new HashMap<>();
    for (String entry : allow == null ? List.<String>of() : allow) {
      String[] parts = entry.split(":", 2);
      List<String> sandboxes = List.of(parts[parts.length - 1].split(",", -1));
      if (parts.length != 2
          || !parts[0].matches("[0-9]{1,9}")
          || sandboxes.stream().anyMatch(String::isBlank)) {
        throw new ParameterException(
            spec.commandLine(),
            "--allow must be UID:SANDBOX[,SANDBOX] with a numeric uid, not " + entry);
      }
      launchers
          .computeIfAbsent(Integer.parseInt(parts[0]), uid -> new HashSet<>())
          .addAll(sandboxes);
    }
    return launchers;
  }

  @Command(
      name = "status",
      description = "Say what is really enforced. Exit status 1 if it cannot be relied upon.",
      mixinStandardHelpOptions = true)
  int status(
      @Option(names = "--json", description = "As JSON.") boolean json,
      @Option(names = "--metrics", description = "Counters in the Prometheus text format.")
          boolean metrics) {
    return asked(
        client -> {
          EnforcerStatusText status = EnforcerStatusText.of(client.status());
          PrintWriter out = spec.commandLine().getOut();
          if (json) {
            out.println(status.json());
          } else {
            (metrics ? status.metrics() : status.lines()).forEach(out::println);
          }
          return status.isHealthy() ? 0 : 1;
        });
  }

  @Command(
      name = "reload",
      description = {
        "Have the daemon take the sandbox rules of its bundle anew. Running sandboxes get their new",
        "destinations at once; files and permits are those that they were started with."
      },
      mixinStandardHelpOptions = true)
  int reload() {
    return asked(
        client -> {
          EnforcerClient.Reloaded reloaded = client.reload();
          spec.commandLine()
              .getOut()
              .printf(
                  "policy %s is in force, after %.1f ms%n",
                  reloaded.policy(), reloaded.micros() / 1000.0);
          return 0;
        });
  }

  @Command(
      name = "revoke",
      description = {
        "Cut a task off: its sandboxes reach nothing any more, their connections end, and no new",
        "sandbox is started for it."
      },
      mixinStandardHelpOptions = true)
  int revoke(
      @Parameters(paramLabel = "TASK", description = "The task: the token claim txn.") String task,
      @Option(names = "--kill", description = "End its processes as well.") boolean kill) {
    return asked(
        client -> {
          EnforcerClient.Revoked revoked = client.revoke(task, kill);
          spec.commandLine()
              .getOut()
              .println(
                  "task "
                      + task
                      + " is revoked: "
                      + revoked.sandboxes()
                      + " sandboxes cut off, "
                      + revoked.sockets()
                      + " sockets ended"
                      + explain(revoked.errno()));
          return 0;
        });
  }

  private static String explain(int errno) {
    return switch (errno) {
      case 0 -> "";
      case CANNOT_END ->
          "; this kernel cannot end sockets, so open connections starve: no packet passes";
      default -> "; the kernel refused to end some (errno " + errno + "), and no packet passes";
    };
  }

  private interface Question {
    int ask(EnforcerClient client) throws SandboxException;
  }

  private int asked(Question question) {
    try {
      return question.ask(EnforcerClient.ofHost(System.getenv()));
    } catch (SandboxException e) {
      spec.commandLine().getErr().println("bailiwick: " + e.getMessage());
      return 1;
    }
  }
}
