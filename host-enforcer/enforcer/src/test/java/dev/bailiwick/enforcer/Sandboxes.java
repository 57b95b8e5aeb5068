// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Bundle.HostLimits;
import dev.bailiwick.policy.Bundle.SandboxRule;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Bundles with one sandbox, and runs of them. Each run gets a workspace that the test can read. */
final class Sandboxes {
  static final String NAME = "triage-agent";

  /** Not those of the product, which may be running on the same host. */
  static final HostPaths PATHS =
      new HostPaths(
          Path.of("/run/bailiwick-test"),
          Path.of("/var/lib/bailiwick-test"),
          Path.of("/sys/fs/bpf"),
          "bailiwick-test");

  private Tier tier = Tier.BASE;
  private List<String> reach = List.of();
  private List<String> read = List.of("/usr", ATTEMPT.toString());
  private List<String> write = List.of("workspace");
  private Set<String> permit = Set.of("shell");
  private Map<String, String> environment = Map.of();
  private HostLimits limits = HostLimits.none();
  private URI gateway = URI.create("http://127.0.0.1:1");
  private Optional<Path> workspace = Optional.empty();
  private OptionalInt uid = OptionalInt.empty();
  final MemoryAuditLog log = new MemoryAuditLog();

  /** The program with all the attempts, built by make. */
  static final Path ATTEMPT = Path.of("target/attempts/attempt").toAbsolutePath();

  /** Runs a command behind one layer only. */
  private static final Path LAYER = ATTEMPT.resolveSibling("layer");

  Sandboxes tier(Tier demanded) {
    tier = demanded;
    return this;
  }

  Sandboxes reach(String... entries) {
    reach = List.of(entries);
    return this;
  }

  Sandboxes read(String... paths) {
    read = List.of(paths);
    return this;
  }

  Sandboxes write(String... paths) {
    write = List.of(paths);
    return this;
  }

  Sandboxes permit(String... options) {
    permit = Set.of(options);
    return this;
  }

  Sandboxes environment(Map<String, String> variables) {
    environment = variables;
    return this;
  }

  Sandboxes limits(HostLimits resources) {
    limits = resources;
    return this;
  }

  Sandboxes gateway(String url) {
    gateway = URI.create(url);
    return this;
  }

  Sandboxes workspace(Path path) {
    workspace = Optional.of(path);
    return this;
  }

  /** A sandbox takes the uid that its workspace belongs to. */
  Sandboxes uid(int wanted) {
    uid = OptionalInt.of(wanted);
    return this;
  }

  SandboxRequest request(String... command) {
    SandboxRule rule = new SandboxRule(NAME, tier, reach, read, write, permit, environment, limits);
    Bundle bundle =
        new Bundle(
            new Bundle.Metadata("support-triage", 7),
            new Bundle.Gateway(gateway, Bundle.Limits.defaults(), Bundle.Dpop.defaults()),
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(NAME, rule));
    return new SandboxRequest(
        bundle,
        NAME,
        List.of(command),
        Optional.of("task-1"),
        Optional.of("triage-agent"),
        workspace,
        Optional.empty());
  }

  int run(String... command) throws SandboxException {
    return new SandboxLauncher(Clock.systemUTC(), PATHS).run(request(command), log);
  }

  /** Runs a shell script whose output ends up in the returned string. */
  String output(String script) throws SandboxException, IOException {
    Path directory = freshDirectory();
    Sandboxes there = workspace(directory);
    there.run("/bin/sh", "-c", "exec >out 2>&1; " + script);
    return Files.readString(directory.resolve("out"));
  }

  /** Where the last run started. */
  String workspacePath() {
    return workspace.orElseThrow().toString();
  }

  /** The exit status of an attempt: see {@link Verdict}. */
  Verdict attempt(String name, String... arguments) throws SandboxException, IOException {
    Path directory = freshDirectory();
    if (uid.isPresent()) {
      Files.setAttribute(directory, "unix:uid", uid.getAsInt());
    }
    List<String> command = new ArrayList<>();
    command.add(ATTEMPT.toString());
    command.addAll(List.of("--log", "attempt.log", name));
    command.addAll(List.of(arguments));
    int status = workspace(directory).run(command.toArray(String[]::new));
    return Verdict.of(status, name + read(directory.resolve("attempt.log")));
  }

  /** The same attempt without a sandbox, as root. */
  static Verdict attemptOutside(String name, String... arguments)
      throws IOException, InterruptedException {
    return attempt(List.of("unshare", "--mount"), freshDirectory(), name, arguments);
  }

  /** The same attempt behind one layer: {@code identity}, {@code landlock} or {@code seccomp}. */
  static Verdict attemptBehind(String layer, int uid, String name, String... arguments)
      throws IOException, InterruptedException {
    Path directory = freshDirectory();
    Files.setAttribute(directory, "unix:uid", uid);
    return attempt(
        List.of(LAYER.toString(), layer, Integer.toString(uid)), directory, name, arguments);
  }

  private static Verdict attempt(
      List<String> prefix, Path directory, String name, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(ATTEMPT.toString(), "--log", "attempt.log", name));
    command.addAll(List.of(arguments));
    int status =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    return Verdict.of(status, name + read(directory.resolve("attempt.log")));
  }

  /** A directory that other uids can pass through. */
  static Path freshDirectory() {
    try {
      Path directory = Files.createTempDirectory("bailiwick-test");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> removeQuietly(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeQuietly(Path directory) {
    try {
      Workspace.removeTree(directory);
    } catch (IOException e) {
      // Left to the machine's own cleaning of temporary files.
    }
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? ": " + Files.readString(file).strip() : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
