// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

/** Outcome of the steps that need only the head of a request. */
public sealed interface Admission {

  /** The request is over: send this. Evidence is already written. */
  record Denied(GatewayResponse response) implements Admission {}

  /**
   * The caller is verified, unless it logs in: then its token stands in the body. When {@link
   * #needsBody}, read the body whole, up to {@link #maxBodyBytes} (a longer one goes to {@link
   * GatewayPipeline#bodyTooLarge}), and pass it to {@link GatewayPipeline#decide}; otherwise pass
   * no bytes and let the body stream.
   */
  non-sealed interface Admitted extends Admission {
    boolean needsBody();

    /**
     * Whether a body goes upstream unread. When neither this nor {@link #needsBody}, the request
     * has none; a host that cannot tell by the head has to see to it that none is sent.
     */
    boolean streamsBody();

    int maxBodyBytes();

    /** The connector that the path belongs to, by its name in the bundle. */
    String connector();

    /** By which evidence and answers name this request. */
    String correlationId();
  }
}
