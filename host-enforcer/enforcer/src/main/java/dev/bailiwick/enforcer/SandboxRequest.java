// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is to be run, and where.
 *
 * @param sandbox name of a sandbox rule of the bundle
 * @param command program and arguments; the program is looked up in the sandbox's own {@code PATH}
 * @param task task id ({@code txn}) under which evidence is recorded
 * @param agent name of the agent that runs in it
 * @param workspace directory that the sandbox may write; absent means a fresh one that is removed
 *     at the end
 * @param gateway where the gateway really is, when not at the bundle's {@code externalUrl}
 */
public record SandboxRequest(
    Bundle bundle,
    String sandbox,
    List<String> command,
    Optional<String> task,
    Optional<String> agent,
    Optional<Path> workspace,
    Optional<URI> gateway) {

  public SandboxRequest {
    command = List.copyOf(command);
  }

  /** A request without task, agent, workspace or another gateway. */
  public static SandboxRequest of(Bundle bundle, String sandbox, List<String> command) {
    return new SandboxRequest(
        bundle,
        sandbox,
        command,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
