// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.cli.apisix.ApisixCommand;
import dev.bailiwick.cli.demo.DemoCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Entry of the {@code bailiwick} command. */
@Command(
    name = "bailiwick",
    description = "Verified delegation at the gateway, confinement on the agent's host.",
    mixinStandardHelpOptions = true,
    version = Main.VERSION,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      HelpCommand.class,
      DemoCommand.class,
      GatewayCommand.class,
      ApisixCommand.class,
      ApisixRunnerCommand.class,
      PolicyCommand.class,
      VaultCommand.class,
      TokenCommand.class,
      SandboxCommand.class,
      EnforcerCommand.class,
      AuditCommand.class,
      SimulateCommand.class,
    })
public final class Main implements Runnable {
  static final String VERSION = "bailiwick 0.1.0";
  private static final Set<String> LONG_LIVED = Set.of("gateway", "apisix-runner");

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the specification
  Main() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  public static void main(String[] arguments) {
    if (arguments.length > 0 && !isLongLived(arguments)) {
      // A command speaks for itself; only what lives long keeps a log.
      System.setProperty("logback.configurationFile", "dev/bailiwick/cli/logback-quiet.xml");
    }
    System.exit(
        run(
            arguments,
            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8)));
  }

  /**
   * Runs one command.
   *
   * @return its exit status: 0 when it did what was asked, 1 when it found something wrong, 2 when
   *     the command line was wrong, and a sandboxed command's own status or 125
   */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    CommandLine commandLine = new CommandLine(new Main());
    complete(commandLine);
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setStopAtPositional(isPassThrough(arguments));
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    OptionValues.register(commandLine);
    commandLine.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println("bailiwick: " + FailureText.of(failure));
          return command.getCommandSpec().exitCodeOnExecutionException();
        });
    int status = commandLine.execute(arguments);
    out.flush();
    err.flush();
    return status;
  }

  /** Every command explains itself when asked with {@code --help}, those that only group, too. */
  private static void complete(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (!spec.helpCommand()) {
      spec.mixinStandardHelpOptions(true).version(VERSION);
      spec.usageMessage().synopsisSubcommandLabel("COMMAND");
    }
    command.getSubcommands().values().forEach(Main::complete);
  }

  private static boolean isLongLived(String[] arguments) {
    return LONG_LIVED.contains(arguments[0])
        || (arguments[0].equals("enforcer") && arguments.length > 1 && arguments[1].equals("run"));
  }

  /** What follows {@code sandbox run … --} belongs to the sandboxed command. */
  private static boolean isPassThrough(String[] arguments) {
    return Arrays.asList(arguments).subList(0, Math.min(1, arguments.length)).contains("sandbox");
  }
}
