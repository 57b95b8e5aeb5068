// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The world that a sandbox must not touch: canaries on loopback, somebody who calls at a port,
 * sockets in a directory, a process of the very uid that the sandbox has, a file that anybody could
 * write.
 */
final class Outside {
  final Canary gateway = Canary.at("127.0.0.1");
  final Canary otherPort = Canary.at("127.0.0.1");
  final Canary otherAddress = Canary.at("127.0.0.2");
  final Canary v6 = Canary.at("::1");
  final int uid = Reservation.FIRST_UID + ThreadLocalRandom.current().nextInt(Reservation.UIDS);
  final Path directory = Files.createTempDirectory("bailiwick-outside");
  final Path file = directory.resolve("file");
  private final String sharedMemoryKey =
      Integer.toString(ThreadLocalRandom.current().nextInt(1 << 20, 1 << 30));

  /** Where somebody calls all the time. */
  private final String calledPort = freePort();

  private final String abstractName = "bailiwick-test-" + sharedMemoryKey;
  private final Process victim;
  private final List<Process> observers = new ArrayList<>();

  Outside() throws IOException, InterruptedException {
    Files.setPosixFilePermissions(
        directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(file, "precious");
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-rw-rw-"));
    String id = Integer.toString(uid);
    victim =
        new ProcessBuilder(
                "setpriv", "--reuid", id, "--regid", id, "--clear-groups", "sleep", "600")
            .start();
    observe("observe-stream", directory.resolve("stream").toString());
    observe("observe-datagram", directory.resolve("datagram").toString());
    observe("observe-datagram", directory.resolve("datagram2").toString());
    observe("observe-abstract", abstractName);
    observe(
        "offer-descriptor",
        directory.resolve("passing").toString(),
        otherPort.address(),
        otherPort.port());
    observe("call", "127.0.0.1", calledPort);
    Files.createFile(directory.resolve("pin"));
    Files.createFile(directory.resolve("pin2"));
    new ProcessBuilder(Sandboxes.ATTEMPT.toString(), "make-shared-memory", sharedMemoryKey)
        .start()
        .waitFor();
    awaitUid();
  }

  /** Words in an attempt's arguments that stand for something out here. */
  Map<String, String> words() throws IOException {
    Map<String, String> words = new TreeMap<>();
    words.put("GATEWAY", gateway.address() + " " + gateway.port());
    words.put("OTHER_PORT", otherPort.address() + " " + otherPort.port());
    words.put("OTHER_ADDRESS", otherAddress.address() + " " + otherAddress.port());
    words.put("V6", "::1 " + v6.port());
    words.put("CALLED", "127.0.0.1 " + calledPort);
    words.put("VICTIM", Long.toString(victim.pid()));
    words.put("STREAM", directory.resolve("stream").toString());
    words.put("DATAGRAM", directory.resolve("datagram").toString());
    words.put("DATAGRAM2", directory.resolve("datagram2").toString());
    words.put("ABSTRACT", abstractName);
    words.put("SHARED_MEMORY", sharedMemoryKey);
    words.put("FILE", file.toString());
    words.put("NEW_FILE", directory.resolve("new").toString());
    words.put("NEW_FILE2", directory.resolve("new2").toString());
    words.put("NEW_FILE3", directory.resolve("new3").toString());
    words.put("CGROUP_PROCS", CgroupTree.find("any").orElseThrow().unified() + "/cgroup.procs");
    words.put("CGROUP", CgroupTree.find("any").orElseThrow().unified().toString());
    words.put("PASSING", directory.resolve("passing").toString());
    words.put("PIN", directory.resolve("pin").toString());
    words.put("PIN2", directory.resolve("pin2").toString());
    words.put("NEW_PIN", directory.resolve("pin3").toString());
    words.put("DIRECTORY", directory.toString());
    return words;
  }

  String[] resolve(String attempt) throws IOException {
    List<String> resolved = new ArrayList<>();
    for (String word : attempt.split(" ", -1)) {
      String known = words().get(word);
      resolved.addAll(known == null ? List.of(word) : List.of(known.split(" ", -1)));
    }
    return resolved.toArray(String[]::new);
  }

  /** Nobody came, except to the gateway, and nothing was changed. */
  boolean isUntouched() throws IOException {
    return otherPort.sawNobody()
        && otherAddress.sawNobody()
        && v6.sawNobody()
        && observers.stream().allMatch(Process::isAlive)
        && victim.isAlive()
        && Files.readString(file).equals("precious")
        && entries()
            .equals(List.of("datagram", "datagram2", "file", "passing", "pin", "pin2", "stream"));
  }

  private List<String> entries() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** One more who ends as soon as he is reached. */
  Process observe(String what, String... where) throws IOException {
    List<String> command = new ArrayList<>(List.of(Sandboxes.ATTEMPT.toString(), what));
    command.addAll(List.of(where));
    Process observer = new ProcessBuilder(command).start();
    if (observer.inputReader().readLine() == null) {
      throw new IOException(command + " does not observe");
    }
    observers.add(observer);
    return observer;
  }

  /** Nobody listens there, and the kernel gives it to nobody who does not ask for it. */
  static String freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket free = new ServerSocket()) {
        free.bind(new InetSocketAddress("127.0.0.1", port));
        return Integer.toString(port);
      } catch (BindException e) {
        // Another one.
      }
    }
  }

  /** The victim starts as root. */
  private void awaitUid() throws IOException, InterruptedException {
    Path process = Path.of("/proc", Long.toString(victim.pid()));
    while (!Files.getAttribute(process, "unix:uid").equals(uid)
        || !Files.readString(process.resolve("comm")).strip().equals("sleep")) {
      Thread.onSpinWait();
    }
  }

  void vanish() throws IOException, InterruptedException {
    new ProcessBuilder(Sandboxes.ATTEMPT.toString(), "remove-shared-memory", sharedMemoryKey)
        .start()
        .waitFor();
    observers.forEach(Process::destroyForcibly);
    victim.destroyForcibly().waitFor();
    for (Canary canary : List.of(gateway, otherPort, otherAddress, v6)) {
      canary.close();
    }
    Workspace.removeTree(directory);
  }
}
