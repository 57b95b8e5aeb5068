// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.OutboundRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;

/**
 * An allowed request on its way upstream. The host sends {@link #request()} to {@link #origin()}
 * and reports what came back; the answers say what to do next. Every stage completes normally.
 */
public interface UpstreamCall {

  /** Scheme, host and port; the host must not be changed by anything else. */
  URI origin();

  /** The request to send, canonical and with the credential on it. */
  OutboundRequest request();

  /**
   * The certificate that the connection must present to the upstream, if the credential is one; may
   * change with {@link Next.Retry}. A connection that presented it serves no other connector. A
   * host that cannot present any sends nothing and says so: {@link #unsent}.
   */
  default Optional<Credential.ClientCertificate> clientCertificate() {
    return Optional.empty();
  }

  /** How long the head of the answer may take. */
  Duration timeout();

  /**
   * The head of an answer arrived.
   *
   * @param bodyReplayable whether the host still holds every byte of the request body
   */
  CompletionStage<Next> answered(int status, Headers headers, boolean bodyReplayable);

  /**
   * The body that {@link Next.Inspect} asked for. When it was longer, {@code complete} is false and
   * {@link Next.Relay} sends on all of it: what was read, and then the rest.
   */
  CompletionStage<Next> inspected(byte[] body, boolean complete, boolean bodyReplayable);

  /**
   * No answer came. The cause is logged by class only; a {@link
   * java.util.concurrent.CancellationException} says that the host gave the request up, for
   * instance because the agent hung up, which is not the upstream's fault.
   */
  CompletionStage<GatewayResponse> failed(Throwable cause);

  /**
   * Nothing was sent, and nothing will be: the host cannot, or nobody waits any more. Not the
   * upstream's fault. Evidence says so, for a write too.
   *
   * @return the denial, which says before its sentence that nothing was sent
   */
  CompletionStage<GatewayResponse> unsent(Denial denial);

  /**
   * For a host that sends the request and relays the answer by itself, instead of {@link #answered}
   * and {@link #failed}: says afterwards, once, what the status was, or empty when that will never
   * be known. Completes when the evidence is written and an expired credential is renewed.
   */
  CompletionStage<Void> reported(OptionalInt status);

  /** What the host does next. */
  sealed interface Next {
    /** Send this answer on; its evidence is already written. */
    record Relay(Inbound.Relay answer) implements Next {}

    /** Drop the answer and send this request instead, once. */
    record Retry(OutboundRequest request) implements Next {}

    /** Drop the answer and send this one. */
    record Replace(GatewayResponse response) implements Next {}

    /** Read up to this many bytes of the answer's body and call {@link UpstreamCall#inspected}. */
    record Inspect(int maxBytes) implements Next {}
  }
}
