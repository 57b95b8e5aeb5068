// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class when a buffer that it caused was not released. */
final class NoBufferLeaks implements AfterAllCallback {

  @Override
  public void afterAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    collectGarbage();
    reportQueuedLeaks();

    assertThat(RecordingLeakDetector.leaks()).isEmpty();
  }

  /** A leak shows only once the buffer itself is collected. */
  static void collectGarbage() {
    WeakReference<Object> witness = new WeakReference<>(new Object());
    while (!witness.refersTo(null)) {
      System.gc();
    }
    System.gc();
  }

  /** The detector looks at its queue whenever a buffer is tracked. */
  static void reportQueuedLeaks() {
    ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(1);
    buffer.release();
  }
}
