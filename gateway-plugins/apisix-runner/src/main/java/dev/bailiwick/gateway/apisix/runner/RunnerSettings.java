// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import dev.bailiwick.gateway.credential.VaultKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a runner is started with.
 *
 * @param bundle the policy bundle; looked at again every {@code bundleCheck}
 * @param vault the vault file with the stored credentials
 * @param vaultKey what opens the vault
 * @param audit the directory of the audit trail
 * @param writer the name of this runner's trail in it
 * @param socket where to listen and who may connect
 * @param adminPort the port of 127.0.0.1 for readiness, metrics and reports; 0 takes a free one
 * @param reportToken file with the token that reports must carry; made when it is not there.
 *     Without one no report is taken
 * @param confLife how long APISIX keeps a conf token; tokens here live a little longer
 * @param bundleCheck zero never looks
 * @param limits what one connection may hold, and for how long
 */
public record RunnerSettings(
    Path bundle,
    Path vault,
    VaultKey vaultKey,
    Path audit,
    String writer,
    Socket socket,
    int adminPort,
    Optional<Path> reportToken,
    Duration confLife,
    Duration bundleCheck,
    Limits limits) {
  public RunnerSettings {
    Objects.requireNonNull(bundle, "bundle");
    Objects.requireNonNull(vaultKey, "vaultKey");
  }

  /**
   * The unix socket.
   *
   * @param mode permissions of the socket's file, such as {@code rw-rw----}; whoever may write to
   *     it may ask for decisions
   * @param group the group of the file; empty keeps the process's
   */
  public record Socket(Path path, String mode, Optional<String> group) {
    public static Socket at(Path path) {
      return new Socket(path, "rw-rw----", Optional.empty());
    }
  }

  /**
   * @param maxFrameBytes longest frame beside bodies, whose limit is the bundle's; longer ones are
   *     read over and denied
   * @param maxConnections beyond it nobody is accepted until one ends
   * @param frameAge how long a frame may take to come, or an answer to be taken
   * @param callAge how long a decision may take; APISIX waits 60 s
   * @param reportAge how long after its connector's timeout a call may be reported
   * @param maxPending calls that may wait for a report at the same time; beyond it the oldest is
   *     recorded with an unknown status
   * @param drain how long calls under way may take to finish when the runner stops
   */
  public record Limits(
      int maxFrameBytes,
      int maxConnections,
      Duration frameAge,
      Duration callAge,
      Duration reportAge,
      int maxPending,
      Duration drain) {
    public static Limits defaults() {
      return new Limits(
          256 << 10,
          2048,
          Duration.ofSeconds(10),
          Duration.ofSeconds(50),
          Duration.ofSeconds(30),
          10_000,
          Duration.ofSeconds(20));
    }
  }
}
