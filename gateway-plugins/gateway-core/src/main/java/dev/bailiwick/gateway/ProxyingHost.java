// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.gateway.Admission.Admitted;
import java.util.Optional;

/**
 * What Apache APISIX does not show to a plugin, or will not do for it, and the denials for that:
 * the same in every host that only says how APISIX is to proxy a request.
 */
public final class ProxyingHost {
  /**
   * {@code ngx.req.get_headers} stops here, and what it does not show goes upstream all the same.
   */
  private static final int HEADER_LINES_SHOWN = 100;

  private ProxyingHost() {}

  /** Denies a request of which some header lines may be hidden. */
  public static Optional<Denial> hiddenHeaders(int linesShown) {
    return linesShown < HEADER_LINES_SHOWN
        ? Optional.empty()
        : Optional.of(
            new Denial(
                DenyReason.HEADER_TOO_LARGE,
                "APISIX shows only the first " + HEADER_LINES_SHOWN + " header lines: send fewer"));
  }

  /** Denies a request over a route that does not tell what the agent wrote as its target. */
  public static Denial targetNotKept() {
    return internal(
        "the route does not keep the raw target: print it again with bailiwick apisix route");
  }

  /** Denies a request over a route that promises to tell the protocol, and does not. */
  public static Denial protocolNotTold() {
    return internal(
        "the route does not tell the protocol: print it again with bailiwick apisix route");
  }

  /** Denies a request with a header line that cannot be one. */
  public static Denial malformedHeader() {
    return new Denial(
        DenyReason.MALFORMED_REQUEST,
        "a header line is malformed (RFC 9110 §5.5): send names and values without control"
            + " characters");
  }

  /** Denies a request whose body is not what its head announces. */
  public static Denial hiddenBody() {
    return new Denial(
        DenyReason.BODY_MALFORMED,
        "APISIX does not show the body that the request announces, or that HTTP/2 leaves open: send"
            + " it whole and with its Content-Length");
  }

  /**
   * Denies a request over a route that is another connector's: APISIX proxies to the route's
   * upstream, whatever the core says.
   *
   * @param connector that the route names
   * @param isItsUpstream whether the route leads to the upstream that the bundle names for it
   */
  public static Optional<Denial> wrongRoute(
      String connector, boolean isItsUpstream, Admitted admitted) {
    if (!admitted.connector().equals(connector)) {
      return Optional.of(
          internal(
              "the route leads to connector "
                  + connector
                  + ", but the path is one of "
                  + admitted.connector()));
    }
    return isItsUpstream
        ? Optional.empty()
        : Optional.of(
            internal(
                "the route leads to another upstream than the bundle names for "
                    + connector
                    + ": print it again with bailiwick apisix route"));
  }

  /**
   * Why APISIX would not send what was allowed, or not to whom it was allowed.
   *
   * @param leadsThere whether the route leads to {@link UpstreamCall#origin}
   */
  public static Optional<Denial> obstacle(UpstreamCall allowed, boolean leadsThere) {
    if (allowed.clientCertificate().isPresent()) {
      return Optional.of(
          internal(
              "the connector's credential is a client certificate, and APISIX presents its own only:"
                  + " store another kind of credential"));
    }
    return leadsThere
        ? Optional.empty()
        : Optional.of(
            internal(
                "the bundle was replaced meanwhile, and the route leads to another upstream than"
                    + " the credential is for: try again"));
  }

  /** What was allowed cannot be said in the protocol of plugins. */
  public static Denial unsayable() {
    return internal("this change of the request cannot be said to APISIX");
  }

  /** APISIX does not wait for what was allowed any more. */
  public static Denial givenUp() {
    return new Denial(
        DenyReason.UPSTREAM_FAILED, "APISIX gave the request up before it was allowed");
  }

  private static Denial internal(String sentence) {
    return new Denial(DenyReason.INTERNAL, sentence);
  }
}
