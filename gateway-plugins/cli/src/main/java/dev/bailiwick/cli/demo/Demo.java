// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.demo;

import dev.bailiwick.gateway.credential.CredentialJson;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.jose.SignatureAlgorithm;
import dev.bailiwick.gateway.token.jose.SigningKey;
import dev.bailiwick.gateway.token.jose.SigningKeyFile;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import dev.bailiwick.simulator.workday.WorkdaySimulator;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The stage of the demo: every part real and on loopback, the gateway and the sandbox as processes
 * of their own. What happened is judged from outside the agent: by what the SaaS saw, what a canary
 * heard and what the evidence says.
 */
final class Demo implements AutoCloseable {
  private static final String TASK = "task-demo";

  /** The first of the uids that sandboxes run under. */
  private static final int SANDBOX_UID = 1_900_000_000;

  private static final Duration GATEWAY_PATIENCE = Duration.ofSeconds(40);

  private final PrintWriter out;
  private final Path directory;
  private final boolean kept;
  private final Tool tool;
  private final ServiceNowSimulator servicenow;
  private final SalesforceSimulator salesforce;
  private final WorkdaySimulator workday;
  private final DemoIssuer issuer;
  private final Canary canary;
  private final int gatewayPort;
  private @Nullable Process gateway;

  private Demo(PrintWriter out, Path directory, boolean kept) throws IOException {
    this.out = out;
    this.directory = directory;
    this.kept = kept;
    this.tool = new Tool(directory);
    this.servicenow = new ServiceNowSimulator().start();
    this.salesforce = new SalesforceSimulator().start();
    this.workday = new WorkdaySimulator().start();
    this.issuer = new DemoIssuer();
    this.canary = new Canary();
    this.gatewayPort = freePort();
  }

  /** Sets the stage; without a directory to keep, everything goes when the demo is closed. */
  static Demo set(PrintWriter out, @Nullable Path keep) throws IOException {
    // The sandbox's uid has to get through to its workspace; it cannot list what else is here.
    var passable =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));
    Path directory =
        keep == null
            ? Files.createTempDirectory("bailiwick-demo", passable)
            : Files.createDirectories(keep.toAbsolutePath());
    return new Demo(out, directory, keep != null);
  }

  /** True when every outcome was as expected. */
  boolean run() throws IOException, InterruptedException {
    out.println("Setting the stage");
    Path bundle = writeBundle();
    Path vault = fillVault();
    Path workspace = equipAgent();
    startGateway(bundle, vault);

    out.println("  ServiceNow (simulated)  " + servicenow.origin());
    out.println("  Salesforce (simulated)  " + salesforce.origin());
    out.println("  Workday (simulated)     " + workday.origin());
    out.println("  gateway                 " + gatewayOrigin() + "  (process " + pid() + ")");
    out.println("  delegation              alice → planner → triage-agent, " + TASK);
    out.flush();
    Tool.Ended agent = runAgent(bundle, vault, workspace);
    return new Verdicts(out, tool, servicenow, salesforce, canary, directory, TASK)
        .judge(AgentReport.parse(agent.out()), agent);
  }

  private Path writeBundle() throws IOException {
    String text =
        resource("bundle.yaml")
            .replace("127.0.0.1:18080", "127.0.0.1:" + gatewayPort)
            .replace("127.0.0.1:18081", "127.0.0.1:" + servicenow.origin().getPort())
            .replace("127.0.0.1:18082", "127.0.0.1:" + issuer.port())
            .replace("127.0.0.1:18083", "127.0.0.1:" + salesforce.origin().getPort())
            .replace("127.0.0.1:18084", "127.0.0.1:" + workday.origin().getPort());
    return Files.writeString(directory.resolve("bundle.yaml"), text);
  }

  /** Stored credentials go from the simulators into the vault; the agent never sees them. */
  private Path fillVault() {
    Path vault = directory.resolve("vault");
    FileVault stored =
        FileVault.init(vault, VaultKey.generate(directory.resolve("vault.key")), Clock.systemUTC());
    put(
        stored,
        "servicenow/demo",
        client(servicenow.tokenEndpoint(), servicenow.clientId(), servicenow.clientSecret()));
    put(
        stored,
        "salesforce/demo",
        client(salesforce.tokenEndpoint(), salesforce.clientId(), salesforce.clientSecret()));
    put(
        stored,
        "workday/demo",
        """
        {"type": "basic", "username": "%s@%s", "password": "%s"}
        """
            .formatted(workday.username(), workday.tenant(), workday.password()));
    return vault;
  }

  private static String client(URI tokenEndpoint, String id, String secret) {
    return """
        {"type": "oauth-client-credentials", "token_endpoint": "%s",
         "client_id": "%s", "client_secret": "%s"}
        """
        .formatted(tokenEndpoint, id, secret);
  }

  private static void put(FileVault vault, String name, String json) {
    vault.put(name, CredentialJson.read(name, json.getBytes(StandardCharsets.UTF_8)));
  }

  /** What the agent gets: a task token, the key that it is bound to, and its program. */
  private Path equipAgent() throws IOException {
    Path workspace = Files.createDirectory(directory.resolve("workspace"));
    SigningKey proofKey = saveProofKey(workspace, "key");
    saveProofKey(workspace, "stolen-key");
    String token =
        issuer
            .mint()
            .draft("alice", gatewayOrigin())
            .actor(issuer.issuer(), "triage-agent")
            .actor(issuer.issuer(), "planner")
            .task(TASK)
            .claim("groups", List.of("support"))
            .grant("servicenow:table/incident:read")
            .grant("salesforce:sobject/account:read")
            .grant("salesforce:sobject/case:update")
            .grant("workday:staffing/workers:read")
            .boundTo(proofKey)
            .sign();
    Files.writeString(workspace.resolve("token"), token);
    Files.writeString(workspace.resolve("agent.sh"), resource("agent.sh"));
    handOver(workspace);
    return workspace;
  }

  /** The sandbox takes a workspace with files in it only from a sandbox's uid. */
  private static void handOver(Path workspace) throws IOException {
    try (Stream<Path> paths = Files.walk(workspace)) {
      for (Path path : paths.toList()) {
        Files.setAttribute(path, "unix:uid", SANDBOX_UID);
        Files.setAttribute(path, "unix:gid", SANDBOX_UID);
      }
    }
  }

  private static SigningKey saveProofKey(Path workspace, String name) throws IOException {
    SigningKey key = SigningKey.generate(SignatureAlgorithm.EDDSA);
    SigningKeyFile.savePem(key, workspace.resolve(name));
    Files.writeString(workspace.resolve(name + ".jwk"), key.publicJwk());
    return key;
  }

  private void startGateway(Path bundle, Path vault) throws IOException, InterruptedException {
    gateway =
        tool.start(
            "gateway",
            List.of("-Xmx256m"),
            List.of(
                "gateway",
                "run",
                "--bundle",
                bundle.toString(),
                "--port",
                Integer.toString(gatewayPort),
                "--vault",
                vault.toString(),
                "--key-file",
                directory.resolve("vault.key").toString(),
                "--audit",
                directory.resolve("audit").toString()));
    long deadline = System.nanoTime() + GATEWAY_PATIENCE.toNanos();
    while (!listens(gatewayPort)) {
      if (!gateway.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "the gateway did not start: "
                + (tool.read("gateway.err") + tool.read("gateway.out")).strip());
      }
      Thread.sleep(50);
    }
  }

  private Tool.Ended runAgent(Path bundle, Path vault, Path workspace)
      throws IOException, InterruptedException {
    return tool.run(
        "agent",
        "sandbox",
        "run",
        "--bundle",
        bundle.toString(),
        "--sandbox",
        "triage-agent",
        "--task",
        TASK,
        "--workspace",
        workspace.toString(),
        "--audit",
        directory.resolve("audit").toString(),
        "--",
        "/bin/bash",
        "agent.sh",
        gatewayOrigin(),
        servicenow.origin().toString(),
        "127.0.0.1:" + canary.port(),
        vault.toString(),
        servicenow.incident("INC0010001"));
  }

  private String gatewayOrigin() {
    return "http://127.0.0.1:" + gatewayPort;
  }

  private long pid() {
    return gateway == null ? 0 : gateway.pid();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Demo.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the demo's " + name + " is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    if (gateway != null) {
      gateway.destroy();
      gateway.onExit().join();
    }
    canary.close();
    issuer.close();
    servicenow.close();
    salesforce.close();
    workday.close();
    if (!kept) {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(Demo::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
