// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import dev.bailiwick.gateway.apisix.runner.ApisixRunner;
import dev.bailiwick.gateway.apisix.runner.RunnerSettings;
import dev.bailiwick.gateway.credential.VaultKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The two runners, each in a process with the same memory. */
final class Runners {
  static final String HEAP = "-Xmx192m";

  /** As {@code ./bailiwick} starts ours; the published one has what its JVM chooses. */
  private static final String COLLECTOR = "-XX:+UseSerialGC";

  private Runners() {}

  /** The published runner with {@link HeaderFilter} in it. */
  static Process published(Path directory, Path jar, Path socket) throws IOException {
    Path classes = directory.resolve("header-filter");
    String folder = Runners.class.getPackageName().replace('.', '/') + "/";
    // By name: this process has nothing of the published runner, and could not load them.
    for (String name : List.of("HeaderFilter", "HeaderFilterInitializer")) {
      String file = folder + name + ".class";
      Path copy = classes.resolve(file);
      Files.createDirectories(copy.getParent());
      try (InputStream in = Runners.class.getClassLoader().getResourceAsStream(file)) {
        if (in == null) {
          throw new IOException("there is no " + file);
        }
        Files.copy(in, copy);
      }
    }
    Path factories = classes.resolve("META-INF/spring.factories");
    Files.createDirectories(factories.getParent());
    Files.writeString(
        factories,
        "org.springframework.context.ApplicationContextInitializer="
            + Runners.class.getPackageName()
            + ".HeaderFilterInitializer"
            + "\n");
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of(HEAP, "-Dloader.path=" + classes, "-jar", jar.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(directory.toFile());
    builder.environment().put("APISIX_LISTEN_ADDRESS", "unix:" + socket);
    builder.environment().put("APISIX_CONF_EXPIRE_TIME", "3600");
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("published.log").toFile());
    return builder.start();
  }

  /** Ours, with bundle, vault and trail of that directory. */
  static Process ours(Path directory, Path socket, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(List.of(HEAP, COLLECTOR));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Runners.class.getName(),
            directory.toString(),
            socket.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("ours.log").toFile())
        .start();
  }

  /** Entry of our runner's process. */
  public static void main(String[] arguments) throws InterruptedException {
    Path directory = Path.of(arguments[0]);
    try (ApisixRunner runner =
        ApisixRunner.start(
            new RunnerSettings(
                directory.resolve("bundle.yaml"),
                directory.resolve("vault"),
                VaultKey.ofFile(directory.resolve("vault.key")),
                directory.resolve("audit"),
                "apisix",
                RunnerSettings.Socket.at(Path.of(arguments[1])),
                0,
                Optional.empty(),
                Duration.ofHours(1),
                Duration.ZERO,
                RunnerSettings.Limits.defaults()))) {
      runner.await();
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static void await(Path socket, Process process) throws IOException, InterruptedException {
    for (int i = 0; i < 600 && process.isAlive(); i++) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        if (channel.connect(UnixDomainSocketAddress.of(socket))) {
          return;
        }
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IOException("nothing listens at " + socket);
  }
}
