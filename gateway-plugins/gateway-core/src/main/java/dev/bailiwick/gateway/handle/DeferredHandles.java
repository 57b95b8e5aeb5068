// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.handle;

import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Operation;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Which agent a vendor's handle was handed to, and what goes on under it. The stored credential is
 * shared, so the vendor would serve any agent with any handle. Thread-safe and never blocks.
 *
 * <p>A gateway of several nodes needs one that they share.
 */
public interface DeferredHandles {

  /**
   * Who a handle belongs to: the same agent, for the same principal, in the same task.
   *
   * @param issuer of the token
   * @param actor issuer and subject of the outermost {@code act}
   * @param principal {@code sub}
   * @param task {@code txn}
   */
  record Holder(String issuer, String actor, String principal, String task) {}

  /** Whether the holder may keep one more handle. */
  boolean hasRoom(Holder holder);

  /**
   * Notes a handle before the agent sees it; its lifetime begins anew when it is known already.
   *
   * @return false when the holder, or all together, keep as many as they may, or when it is
   *     somebody else's. Nothing is ever forgotten to make room.
   */
  boolean keep(String connector, Handle handle, Holder holder, List<Operation> operations);

  /**
   * What goes on under a handle, and its lifetime begins anew; empty when it is not this holder's,
   * whether it is somebody else's, unknown or expired. Never completes exceptionally.
   */
  CompletionStage<Optional<List<Operation>>> find(String connector, Handle handle, Holder holder);
}
