// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What another process of the same JDK holds in its heap, in MiB. */
final class UsedHeap {
  /** G1 says one line for all, the serial collector one for each generation. */
  private static final Pattern USED =
      Pattern.compile(
          "^ ?(?:garbage-first heap|def ?new|tenured)[^\\n]*? used (\\d+)K",
          Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);

  private static final int SAMPLE_MILLIS = 200;

  private UsedHeap() {}

  /** The most that was seen while a load ran. */
  static long mostWhile(Process process, Callable<?> load)
      throws IOException, InterruptedException {
    FutureTask<?> running = new FutureTask<>(load);
    Thread.ofPlatform().start(running);
    long most = 0;
    while (!running.isDone()) {
      most = Math.max(most, now(process));
      TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS);
    }
    try {
      running.get();
    } catch (ExecutionException e) {
      throw new IOException("the load failed", e);
    }
    return most;
  }

  /** What is left when nothing is under way. */
  static long afterCollection(Process process) throws IOException, InterruptedException {
    var unused = command(process, "GC.run");
    return now(process);
  }

  private static long now(Process process) throws IOException, InterruptedException {
    String said = command(process, "GC.heap_info");
    Matcher used = USED.matcher(said);
    long kibibytes = 0;
    boolean found = false;
    while (used.find()) {
      found = true;
      kibibytes += Long.parseLong(used.group(1));
    }
    if (!found) {
      throw new IOException("jcmd says nothing of a heap: " + said);
    }
    return kibibytes / 1024;
  }

  private static String command(Process process, String name)
      throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()),
                name)
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd " + name + ": " + said);
    }
    return said;
  }
}
