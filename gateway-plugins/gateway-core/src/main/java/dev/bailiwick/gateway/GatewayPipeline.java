// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import java.util.concurrent.CompletionStage;

/** The request walk. Thread-safe; stages never complete exceptionally. */
public interface GatewayPipeline extends AutoCloseable {

  /** Steps 1 to 5: everything that needs only the head. Of a log-in, only the first two. */
  CompletionStage<Admission> admit(InboundRequest request);

  /** The body was longer than {@link Admission.Admitted#maxBodyBytes}. */
  CompletionStage<GatewayResponse> bodyTooLarge(Admission.Admitted admitted);

  /**
   * Steps 6 to 9, or a whole log-in. {@code body} is empty unless {@link
   * Admission.Admitted#needsBody}.
   */
  CompletionStage<Decision> decide(Admission.Admitted admitted, byte[] body);

  /**
   * Ends a request that the host itself found wrong, for instance one on a route that was not wired
   * to be decided. Evidence is written as for every denial.
   */
  CompletionStage<GatewayResponse> deny(InboundRequest request, Denial denial);

  /**
   * The same once the head was admitted: evidence names the caller, and the correlation id stays.
   * What {@link #decide} has allowed ends with {@link UpstreamCall#unsent} instead.
   */
  CompletionStage<GatewayResponse> deny(Admission.Admitted admitted, Denial denial);

  @Override
  void close();
}
