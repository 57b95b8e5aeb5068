// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.whole;

import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.spring.GatewayApplication;
import java.nio.file.Path;

/** The same gateway with the filter. */
final class FilteredGateway {
  private FilteredGateway() {}

  public static void main(String[] arguments) throws InterruptedException {
    Path directory = Path.of(arguments[1]);
    try (GatewayApplication gateway =
        GatewayApplication.start(
            GatewayApplication.Settings.loopback(
                directory.resolve("bundle.yaml"),
                directory.resolve("vault"),
                VaultKey.ofFile(directory.resolve("vault.key")),
                directory.resolve("audit"),
                Integer.parseInt(arguments[0])))) {
      gateway.await();
    }
  }
}
