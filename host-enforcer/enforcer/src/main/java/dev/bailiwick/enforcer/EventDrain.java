// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.NetworkFilter;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that carries denials from the kernel's ring to the evidence. */
final class EventDrain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventDrain.class);
  private static final int WAIT_MILLIS = 100;

  private final NetworkFilter filter;
  private final DenialRecorder recorder;
  private final Runnable onFailure;
  private final Thread thread;
  private volatile boolean ending;

  private EventDrain(NetworkFilter filter, DenialRecorder recorder, Runnable onFailure) {
    this.filter = filter;
    this.recorder = recorder;
    this.onFailure = onFailure;
    this.thread = new Thread(this::drain, "bailiwick-denials");
    this.thread.setDaemon(true);
  }

  static EventDrain start(NetworkFilter filter, DenialRecorder recorder, Runnable onFailure) {
    EventDrain drain = new EventDrain(filter, recorder, onFailure);
    drain.thread.start();
    return drain;
  }

  private void drain() {
    try {
      while (!ending) {
        filter.poll(WAIT_MILLIS, recorder::record);
        recorder.tick(filter.lost());
      }
      while (filter.poll(0, recorder::record) > 0) {
        // until the ring is empty
      }
      recorder.finish(filter.lost());
    } catch (IOException | RuntimeException e) {
      LOG.error("denials can no longer be read: {}", e.getMessage());
      onFailure.run();
    }
  }

  /** Hands over what is in the ring and ends. To be called when the sandbox has no process left. */
  void finish() {
    ending = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finish();
  }
}
