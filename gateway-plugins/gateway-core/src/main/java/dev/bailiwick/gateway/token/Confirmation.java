// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

/** What a token is bound to: its {@code cnf} claim (RFC 7800). */
public sealed interface Confirmation {

  /** {@code cnf.jkt} (RFC 9449 §6.1): base64url SHA-256 thumbprint of the proof key (RFC 7638). */
  record DpopKey(String thumbprint) implements Confirmation {}

  /** {@code cnf.x5t#S256} (RFC 8705 §3.1): base64url SHA-256 of the certificate's DER form. */
  record ClientCertificate(String thumbprint) implements Confirmation {}

  /** No {@code cnf}: whoever holds the token may use it. Accepted only where the bundle says so. */
  record None() implements Confirmation {}
}
