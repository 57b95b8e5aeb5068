// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.enforcer.kernel.KernelPart;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A daemon in a process of its own, which can be killed, and the native client. Its places are the
 * tests' own; {@link #close} leaves none of them.
 */
final class DaemonHost implements AutoCloseable {
  static final HostPaths PATHS =
      new HostPaths(
          Path.of("/run/bailiwick-test-daemon"),
          Path.of("/var/lib/bailiwick-test"),
          Path.of("/sys/fs/bpf"),
          "bailiwick-test");

  /** What the client's fallback ends with: the daemon was not asked, or not meant. */
  static final int FELL_BACK = 99;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  final Path directory = Sandboxes.freshDirectory();
  final Path bundle = directory.resolve("bundle.yaml");
  final Path audit = directory.resolve("audit");
  private final Path client = directory.resolve("bailiwick-client");
  private final Path fallback = directory.resolve("fallback");
  private final List<String> launchers = new ArrayList<>();
  private List<String> limit = List.of();
  private Quotas quotas = Quotas.defaults();
  private Process jvm;

  DaemonHost() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (InputStream program =
        KernelPart.class.getResourceAsStream("linux-x86_64/bailiwick-client")) {
      Files.copy(program, client, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(fallback, "#!/bin/sh\nexit " + FELL_BACK + "\n");
    for (Path program : List.of(client, fallback)) {
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    bundle("http://127.0.0.1:1", "");
    wipe();
  }

  /** Writes a bundle whose sandbox reaches a gateway, and more that is given as YAML lines. */
  DaemonHost bundle(String gateway, String more) throws IOException {
    bundle(1, gateway, more, Sandboxes.ATTEMPT.toString());
    return this;
  }

  void bundle(int version, String gateway, String more, String read) throws IOException {
    Files.writeString(
        bundle,
        """
        apiVersion: bailiwick.dev/v1
        kind: PolicyBundle
        metadata: {name: support-triage, version: %d}
        gateway:
          externalUrl: %s
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
            files: {read: [/usr, %s], write: [workspace]}
            permit: [shell]
        %s
        """
            .formatted(version, gateway, read, more.indent(4)));
  }

  DaemonHost allow(int uid) {
    launchers.add(Integer.toString(uid));
    return this;
  }

  /** How many descriptors the daemon may have open. */
  DaemonHost descriptors(int most) {
    limit = List.of("prlimit", "--nofile=" + most + ":" + most);
    return this;
  }

  DaemonHost quotas(int inAll, int ofOneUser) {
    quotas = new Quotas(inAll, ofOneUser);
    return this;
  }

  DaemonHost start() throws IOException {
    String said = tryStart();
    assertThat(said).isEqualTo("ready");
    return this;
  }

  /** What it said first. */
  String tryStart() throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DaemonMain.class.getName(),
                bundle.toString(),
                audit.toString(),
                Integer.toString(quotas.inAll()),
                Integer.toString(quotas.ofOneUser())));
    line.addAll(0, limit);
    line.addAll(launchers);
    Process started =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = String.valueOf(started.inputReader().readLine());
    if (said.equals("ready")) {
      jvm = started;
    }
    return said;
  }

  long pid() {
    return jvm.pid();
  }

  void stop() throws InterruptedException {
    jvm.destroy();
    assertThat(jvm.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  void kill() throws InterruptedException {
    jvm.destroyForcibly().waitFor();
  }

  EnforcerClient ask() {
    return new EnforcerClient(PATHS.rootSocket());
  }

  JsonNode status() throws SandboxException {
    return JSON.readTree(ask().status());
  }

  /** The command line of {@code sandbox run} by way of the client. */
  List<String> line(List<String> options, String... command) {
    List<String> line =
        new ArrayList<>(List.of(client.toString(), fallback.toString(), "sandbox", "run"));
    line.addAll(List.of("--sandbox", Sandboxes.NAME));
    line.addAll(options);
    line.add("--");
    line.addAll(List.of(command));
    return line;
  }

  /** The same as somebody who is not root. */
  static List<String> as(int uid, List<String> line) {
    String id = Integer.toString(uid);
    List<String> whole =
        new ArrayList<>(List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups"));
    whole.addAll(line);
    return whole;
  }

  ProcessBuilder prepare(List<String> line) {
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().put("BAILIWICK_SOCKET", PATHS.socket().toString());
    return builder;
  }

  Process launch(List<String> options, String... command) throws IOException {
    return prepare(line(options, command)).inheritIO().start();
  }

  int run(List<String> options, String... command) throws IOException, InterruptedException {
    Process process = launch(options, command);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** What came out, on standard output and error together. */
  String output(List<String> options, String... command) throws IOException {
    Process process = prepare(line(options, command)).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes());
  }

  /** The records of a kind in the trail, oldest first. */
  List<JsonNode> records(String kind) throws IOException {
    List<JsonNode> records = new ArrayList<>();
    Path trail = audit.resolve(EnforcerSettings.WRITER);
    if (!Files.isDirectory(trail)) {
      return records;
    }
    try (Stream<Path> files = Files.list(trail)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".jsonl")).sorted().toList()) {
        for (String line : wholeLines(Files.readAllBytes(file))) {
          JsonNode record = JSON.readTree(line);
          if (record.at("/unmapped/bailiwick/kind").asString("").equals(kind)) {
            records.add(record);
          }
        }
      }
    }
    return records;
  }

  /** A line is a record when it is ended: the daemon may just be writing the last one. */
  private static List<String> wholeLines(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
  }

  /** Waits until something holds; its last answer is in the failure. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  /** How many descriptors the daemon holds. */
  long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid()), "fd"))) {
      return open.count();
    }
  }

  /** Whatever runs below the daemon's cgroup. */
  static List<Path> cgroups() throws IOException {
    Path root = CgroupTree.find(PATHS.ofDaemon().name()).orElseThrow().root();
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(root)) {
      return children.filter(Files::isDirectory).toList();
    }
  }

  /** Of sandboxes that were running when the daemon was killed for good. */
  private static List<Path> workspaces() throws IOException {
    Path all = PATHS.workspaces();
    if (!Files.isDirectory(all)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(all)) {
      return children
          .filter(child -> Reservation.isDaemons(Integer.parseInt(child.getFileName().toString())))
          .toList();
    }
  }

  private static void wipe() throws IOException {
    CgroupTree tree = CgroupTree.find(PATHS.ofDaemon().name()).orElseThrow();
    for (Path cgroup : cgroups()) {
      int uid = Integer.parseInt(cgroup.getFileName().toString());
      tree.kill(uid);
      tree.remove(uid);
    }
    Files.deleteIfExists(tree.root());
    for (Path workspace : workspaces()) {
      Workspace.removeTree(workspace);
    }
    Workspace.removeTree(PATHS.ofDaemon().pins());
    Workspace.removeTree(PATHS.run());
  }

  @Override
  public void close() throws IOException {
    if (jvm != null) {
      jvm.destroyForcibly().onExit().join();
    }
    wipe();
  }
}
