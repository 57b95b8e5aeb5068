// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.gateway.spring.GatewayApplication;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A gateway of our own, for teams that run none yet. */
@Command(name = "gateway", description = "Run a gateway that enforces a bundle.")
final class GatewayCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  GatewayCommand() {}

  @Command(
      name = "run",
      description = {
        "Spring Cloud Gateway with the filter and one route a connector of the bundle.",
        "It reloads the bundle when the file changes, and ends with SIGTERM."
      },
      mixinStandardHelpOptions = true)
  int run(
      @Option(names = "--bundle", required = true, paramLabel = "FILE") Path bundle,
      @Mixin VaultOptions vault,
      @Option(
              names = "--audit",
              paramLabel = "DIR",
              defaultValue = "audit",
              description = "The audit directory (default: ${DEFAULT-VALUE}).")
          Path audit,
      @Option(
              names = "--address",
              defaultValue = "127.0.0.1",
              description = "Address to listen on (default: ${DEFAULT-VALUE}).")
          String address,
      @Option(
              names = "--port",
              defaultValue = "8080",
              description = "Port to listen on (default: ${DEFAULT-VALUE}; 0 takes a free one).")
          Port port,
      @Option(
              names = "--set",
              paramLabel = "PROPERTY=VALUE",
              description =
                  "A Spring property, such as server.ssl.bundle=gateway; may be repeated.")
          @Nullable Map<String, String> more)
      throws InterruptedException {
    try (GatewayApplication gateway =
        GatewayApplication.start(
            new GatewayApplication.Settings(
                bundle,
                vault.path(),
                vault.key("Passphrase of the vault: "),
                audit,
                address,
                port.number(),
                more == null ? Map.of() : more))) {
      spec.commandLine().getOut().println("gateway ready at " + gateway.uri());
      gateway.await();
    }
    return 0;
  }
}
