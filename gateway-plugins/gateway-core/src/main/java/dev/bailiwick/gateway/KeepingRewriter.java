// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Handle;
import java.util.function.Consumer;

/** Notes handles of an answer before the bytes that hold them leave. */
record KeepingRewriter(BodyRewriter rewriter, Consumer<Handle> keeper) implements BodyRewriter {

  @Override
  public byte[] feed(byte[] piece, int offset, int length) {
    byte[] ready = rewriter.feed(piece, offset, length);
    rewriter.handles().forEach(keeper);
    return ready;
  }

  @Override
  public byte[] finish() {
    byte[] ready = rewriter.finish();
    rewriter.handles().forEach(keeper);
    return ready;
  }

  @Override
  public byte[] rewrite(byte[] body) {
    byte[] ready = rewriter.rewrite(body);
    rewriter.handles().forEach(keeper);
    return ready;
  }
}
