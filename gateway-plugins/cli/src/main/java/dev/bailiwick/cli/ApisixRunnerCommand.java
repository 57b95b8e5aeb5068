// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.gateway.apisix.runner.ApisixRunner;
import dev.bailiwick.gateway.apisix.runner.RunnerSettings;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Our host for Apache APISIX. */
@Command(
    name = "apisix-runner",
    description = {
      "Decide requests for Apache APISIX: the plugin runner behind ext-plugin-pre-req.",
      "It reloads the bundle when the file changes, and ends with SIGTERM after its last answer.",
      "To replace one without turning a request away, start the next before the last is ended."
    },
    mixinStandardHelpOptions = true)
final class ApisixRunnerCommand implements Callable<Integer> {
  private static final String LISTEN_ADDRESS = "APISIX_LISTEN_ADDRESS";
  private static final String CONF_EXPIRE_TIME = "APISIX_CONF_EXPIRE_TIME";
  private static final String UNIX = "unix:";

  @Spec private CommandSpec spec;

  @Option(names = "--bundle", required = true, paramLabel = "FILE")
  private Path bundle;

  @Mixin private VaultOptions vault;

  @Option(
      names = "--audit",
      paramLabel = "DIR",
      defaultValue = "audit",
      description = "The audit directory (default: ${DEFAULT-VALUE}).")
  private Path audit;

  @Option(
      names = "--writer",
      paramLabel = "NAME",
      defaultValue = "apisix",
      description =
          "Name of this runner's trail in it (default: ${DEFAULT-VALUE}); two that run at the same"
              + " time need two.")
  private String writer;

  @Option(
      names = "--socket",
      paramLabel = "FILE",
      description =
          "Where to listen, as in ext-plugin.path_for_test (default: what APISIX says in "
              + LISTEN_ADDRESS
              + ").")
  private @Nullable Path socket;

  @Option(
      names = "--socket-mode",
      paramLabel = "MODE",
      defaultValue = "0660",
      description = "Mode of the socket (default: ${DEFAULT-VALUE}); who may write may ask.")
  private String mode;

  @Option(
      names = "--socket-group",
      paramLabel = "GROUP",
      description = "Group of the socket: the one of nginx's workers.")
  private @Nullable String group;

  @Option(
      names = "--admin-port",
      defaultValue = "9101",
      description =
          "Port of 127.0.0.1 for /ready, /metrics and /report (default: ${DEFAULT-VALUE}; 0 takes a"
              + " free one).")
  private Port adminPort;

  @Option(
      names = "--report-token-file",
      paramLabel = "FILE",
      description =
          "File with the token of http-logger's reports, made when it is not there; without one no"
              + " report is taken.")
  private @Nullable Path reportToken;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  ApisixRunnerCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Map<String, String> environment = System.getenv();
    RunnerSettings settings =
        new RunnerSettings(
            bundle,
            vault.path(),
            vault.key("Passphrase of the vault: "),
            audit,
            writer,
            new RunnerSettings.Socket(
                socketPath(environment), permissions(), Optional.ofNullable(group)),
            adminPort.number(),
            Optional.ofNullable(reportToken),
            confLife(environment),
            Duration.ofSeconds(2),
            RunnerSettings.Limits.defaults());
    ApisixRunner runner = ApisixRunner.start(settings);
    Thread hook = Thread.ofPlatform().name("apisix-runner-stop").unstarted(runner::close);
    Runtime.getRuntime().addShutdownHook(hook);
    spec.commandLine()
        .getOut()
        .println("runner ready at " + runner.socket() + ", status at " + runner.admin() + "/ready");
    runner.await();
    return 0;
  }

  private Path socketPath(Map<String, String> environment) {
    if (socket != null) {
      return socket;
    }
    String address = environment.get(LISTEN_ADDRESS);
    if (address == null || !address.startsWith(UNIX)) {
      throw new ParameterException(
          spec.commandLine(),
          "Say where to listen with --socket FILE; APISIX has not said it in "
              + LISTEN_ADDRESS
              + " either.");
    }
    return Path.of(address.substring(UNIX.length()));
  }

  private Duration confLife(Map<String, String> environment) {
    String seconds = environment.getOrDefault(CONF_EXPIRE_TIME, "3600");
    if (!seconds.matches("[1-9][0-9]{0,7}")) {
      throw new ParameterException(
          spec.commandLine(), CONF_EXPIRE_TIME + " must be seconds, but is " + seconds + ".");
    }
    return Duration.ofSeconds(Long.parseLong(seconds));
  }

  private String permissions() {
    if (!mode.matches("0?[0-7]{3}")) {
      throw new ParameterException(
          spec.commandLine(), "--socket-mode must be octal, such as 0660, but is " + mode + ".");
    }
    int bits = Integer.parseInt(mode, 8);
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values();
    for (int i = 0; i < all.length; i++) {
      if ((bits >> (all.length - 1 - i) & 1) == 1) {
        permissions.add(all[i]);
      }
    }
    return PosixFilePermissions.toString(permissions);
  }
}
