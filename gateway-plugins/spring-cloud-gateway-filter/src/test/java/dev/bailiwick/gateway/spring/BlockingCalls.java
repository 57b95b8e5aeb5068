// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.blockhound.BlockingOperationError;

/**
 * Records every call that blocks a thread that must not. It is installed before the first test, so
 * that no thread is older than it.
 */
public final class BlockingCalls implements LauncherSessionListener {
  private static final List<String> FOUND = new CopyOnWriteArrayList<>();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    BlockHound.install(
        builder ->
            builder
                // Two short locks of the core, held for moves in memory only. To wait for one is
                // rare and bounded; the queue's is taken to add a record and to ask for haste.
                .allowBlockingCallsInside("dev.bailiwick.audit.CommitQueue", "offer")
                .allowBlockingCallsInside("dev.bailiwick.audit.CommitQueue", "hurry")
                .allowBlockingCallsInside(
                    "dev.bailiwick.gateway.credential.CredentialSlot", "renewed")
                .blockingMethodCallback(method -> FOUND.add(describe(method))));
  }

  private static String describe(BlockingMethod method) {
    StringWriter text = new StringWriter();
    text.append(Thread.currentThread().getName()).append(": ");
    new BlockingOperationError(method).printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** Thread and stack of every such call since {@link #forget}. */
  static List<String> found() {
    return List.copyOf(FOUND);
  }

  static void forget() {
    FOUND.clear();
  }
}
