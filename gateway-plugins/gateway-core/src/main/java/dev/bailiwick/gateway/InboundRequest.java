// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Headers;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as the host received it, before anything was decoded.
 *
 * @param method as it stood on the request line
 * @param rawPath path as it stood on the request line, still percent-encoded
 * @param rawQuery query as it stood on the request line, without the question mark
 * @param headers every header line; duplicates kept
 * @param clientCertificate the verified client certificate of the TLS connection, when there is one
 * @param sourceAddress address of the peer, never taken from a header
 */
public record InboundRequest(
    String method,
    String rawPath,
    @Nullable String rawQuery,
    Headers headers,
    Optional<X509Certificate> clientCertificate,
    String sourceAddress) {
  public InboundRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(rawPath, "rawPath");
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(clientCertificate, "clientCertificate");
    Objects.requireNonNull(sourceAddress, "sourceAddress");
  }
}
