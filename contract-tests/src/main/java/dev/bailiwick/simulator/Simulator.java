// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.net.URI;
import java.util.List;

/**
 * A SaaS on a loopback port, with state that really changes. Thread-safe; {@link #close} frees the
 * port and every thread.
 */
public interface Simulator extends AutoCloseable {
  /** Starts listening and returns this simulator. */
  Simulator start();

  /** Scheme, host and port. */
  URI origin();

  /** Where access tokens come from. */
  URI tokenEndpoint();

  /** Ends every access token and every session at once. */
  void expireTokens();

  /** How many times the token endpoint has answered with a token. */
  int tokensIssued();

  /** Ends every situation. What the service keeps and the record of requests stay. */
  void calm();

  /** Every request that arrived, oldest first. */
  List<SeenRequest> requests();

  /** The requests that agents caused: calls for tokens are left out. */
  List<SeenRequest> apiRequests();

  /** Whether the text ever arrived here, in a target, a header or a body. */
  boolean saw(String text);

  /** Forgets the requests that arrived so far. */
  void forgetRequests();

  /** What requests really did to which objects, in order, since {@link #forgetTouches}. */
  List<Touch> touches();

  void forgetTouches();

  @Override
  void close();
}
