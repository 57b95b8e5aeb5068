// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From the YAML that people write to the process that the kernel confines. */
class BundleFileTests {

  @Test
  void runWhenBundleIsReadFromAFileThenItsSandboxHolds() throws Exception {
    try (Canary gateway = Canary.at("127.0.0.1");
        Canary elsewhere = Canary.at("127.0.0.1")) {
      Path file = Sandboxes.freshDirectory().resolve("bundle.yaml");
      Files.writeString(
          file,
          """
          apiVersion: bailiwick.dev/v1
          kind: PolicyBundle
          metadata: {name: support-triage, version: 7}
          gateway:
            externalUrl: http://%s
          issuers:
            acme:
              issuer: https://login.acme.example
              jwks: https://login.acme.example/jwks
              audience: https://gateway.acme.example
              proof: dpop
          connectors:
            servicenow:
              adapter: servicenow
              path: /servicenow
              upstream: https://acme.service-now.com
              credential: vault:servicenow/acme
          agents:
            triage-agent:
              actor: {issuer: acme, subject: triage-agent}
              ceiling:
                - servicenow:table/incident:read
          sandboxes:
            triage-agent:
              tier: base
              reach: [gateway]
              files: {read: [/usr, /lib, /etc/ssl], write: [workspace]}
              permit: [shell]
              limits: {processes: 64, memory: 1GiB}
          """
              .formatted(gateway.endpoint()));
      Bundle bundle = BundleReader.read(file);
      Path workspace = Sandboxes.freshDirectory();
      MemoryAuditLog log = new MemoryAuditLog();
      String script =
          "exec >out; curl -s http://%s; echo; curl -s http://%s; echo $?"
              .formatted(gateway.endpoint(), elsewhere.endpoint());
      SandboxRequest request =
          new SandboxRequest(
              bundle,
              "triage-agent",
              List.of("/bin/sh", "-c", script),
              Optional.empty(),
              Optional.empty(),
              Optional.of(workspace),
              Optional.empty());

      int status = new SandboxLauncher(Clock.systemUTC(), Sandboxes.PATHS).run(request, log);

      assertThat(status).isZero();
      assertThat(Files.readString(workspace.resolve("out"))).isEqualTo("hello\n7\n");
      assertThat(elsewhere.sawNobody()).isTrue();
    }
  }
}
