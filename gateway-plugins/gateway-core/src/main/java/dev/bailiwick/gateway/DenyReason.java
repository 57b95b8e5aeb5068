// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

/**
 * Why a request was denied. Each reason is a stable code with its HTTP status, its OAuth error (RFC
 * 6750 §3.1, RFC 9449 §7.1) where there is one, and the rule that it comes from. The error table of
 * the README is printed from here.
 */
public enum DenyReason {
  // Limits and form, before anything is parsed
  MALFORMED_REQUEST(400, "", "RFC 9112 §3"),
  AMBIGUOUS_HEADER(400, "", "RFC 9110 §5.3"),
  METHOD_NOT_ALLOWED(405, "", "RFC 9110 §15.5.6"),
  BODY_TOO_LARGE(413, "", "RFC 9110 §15.5.14"),
  TARGET_TOO_LONG(414, "", "RFC 9110 §15.5.15"),
  UNSUPPORTED_MEDIA_TYPE(415, "", "RFC 9110 §15.5.16"),
  HEADER_TOO_LARGE(431, "", "RFC 6585 §5"),
  MALFORMED_TARGET(400, "", "RFC 3986 §6"),
  // Route
  NO_ROUTE(404, "", "bundle: connectors"),
  // Token
  TOKEN_MISSING(401, "", "RFC 6750 §3"),
  TOKEN_MALFORMED(401, "invalid_token", "RFC 7515 §3"),
  TOKEN_HEADER(401, "invalid_token", "RFC 8725 §3"),
  TOKEN_ISSUER(401, "invalid_token", "RFC 9068 §4"),
  TOKEN_KEY(401, "invalid_token", "RFC 7517 §4"),
  TOKEN_SIGNATURE(401, "invalid_token", "RFC 7515 §5.2"),
  TOKEN_TYPE(401, "invalid_token", "RFC 9068 §4"),
  TOKEN_CLAIMS(401, "invalid_token", "RFC 9068 §2.2"),
  TOKEN_EXPIRED(401, "invalid_token", "RFC 7519 §4.1.4"),
  TOKEN_NOT_YET_VALID(401, "invalid_token", "RFC 7519 §4.1.5"),
  TOKEN_LIFETIME(401, "invalid_token", "bundle: issuers.maxLifetime"),
  TOKEN_AUDIENCE(401, "invalid_token", "RFC 9068 §4"),
  TOKEN_ACTOR_CHAIN(401, "invalid_token", "RFC 8693 §4.1"),
  TOKEN_AUTHORIZATION_DETAILS(401, "invalid_token", "RFC 9396 §2"),
  TOKEN_CONFIRMATION(401, "invalid_token", "RFC 7800 §3.1"),
  TOKEN_UNBOUND(401, "invalid_token", "bundle: issuers.proof"),
  TOKEN_REVOKED(401, "invalid_token", "RFC 7009 §2"),
  // Proof of possession
  PROOF_SCHEME(401, "invalid_token", "RFC 9449 §7.2"),
  PROOF_MISSING(401, "invalid_dpop_proof", "RFC 9449 §7.1"),
  PROOF_MALFORMED(401, "invalid_dpop_proof", "RFC 9449 §4.2"),
  PROOF_KEY(401, "invalid_dpop_proof", "RFC 9449 §4.3"),
  PROOF_MISMATCH(401, "invalid_dpop_proof", "RFC 9449 §4.3"),
  PROOF_STALE(401, "invalid_dpop_proof", "RFC 9449 §11.1"),
  PROOF_SIGNATURE(401, "invalid_dpop_proof", "RFC 9449 §4.3"),
  PROOF_REPLAYED(401, "invalid_dpop_proof", "RFC 9449 §11.1"),
  PROOF_NONCE(401, "use_dpop_nonce", "RFC 9449 §9"),
  PROOF_CERTIFICATE(401, "invalid_token", "RFC 8705 §3"),
  REPLAY_CAPACITY(503, "", "RFC 9449 §11.1"),
  KEYS_UNAVAILABLE(503, "", "RFC 7517"),
  // Meaning
  BODY_MALFORMED(400, "", "connector"),
  OPERATION_UNKNOWN(403, "", "connector"),
  OPERATION_FORBIDDEN(403, "", "connector"),
  HANDLE_UNKNOWN(403, "", "connector: locators and jobs"),
  HANDLES_FULL(429, "", "connector: locators and jobs"),
  // Policy
  AGENT_UNKNOWN(403, "insufficient_scope", "bundle: agents"),
  SCOPE_NOT_GRANTED(403, "insufficient_scope", "RFC 9396 §9.1"),
  SCOPE_ABOVE_CEILING(403, "insufficient_scope", "bundle: agents.ceiling"),
  FIELD_NOT_GRANTED(403, "insufficient_scope", "bundle: agents.ceiling.fields"),
  ROWS_NOT_GRANTED(403, "insufficient_scope", "bundle: agents.ceiling.limits.rows"),
  CONDITION_NOT_MET(403, "insufficient_scope", "bundle: agents.ceiling.when"),
  DELEGATION_TOO_DEEP(403, "insufficient_scope", "bundle: agents.delegation"),
  // Credential and upstream
  CREDENTIAL_MISSING(502, "", "bundle: connectors.credential"),
  CREDENTIAL_CONSENT(502, "", "connector: grant withdrawn"),
  CREDENTIAL_UNAVAILABLE(503, "", "connector: token endpoint"),
  UPSTREAM_UNAVAILABLE(503, "", "connector: circuit breaker"),
  UPSTREAM_LIMITED(429, "", "RFC 6585 §4"),
  CALLS_LIMITED(429, "", "bundle: connectors.limits.calls"),
  CALLS_CROWDED(503, "", "bundle: connectors.limits.concurrent"),
  UPSTREAM_TIMEOUT(504, "", "bundle: connectors.timeout"),
  UPSTREAM_FAILED(502, "", "RFC 9110 §15.6.3"),
  UPSTREAM_UNUSABLE(502, "", "connector"),
  UPSTREAM_UNAUTHORIZED(502, "", "connector: renewal"),
  RENEWED_RETRY(503, "", "connector: renewal"),
  // Ourselves
  AUDIT_UNAVAILABLE(503, "", "evidence: fail closed"),
  INTERNAL(500, "", "deny by default");

  private final int status;
  private final String oauthError;
  private final String rule;

  DenyReason(int status, String oauthError, String rule) {
    this.status = status;
    this.oauthError = oauthError;
    this.rule = rule;
  }

  /** HTTP status of the answer. */
  public int status() {
    return status;
  }

  /** OAuth error code for {@code WWW-Authenticate}; empty when there is none. */
  public String oauthError() {
    return oauthError;
  }

  /** The RFC section or the part of the bundle that this reason enforces. */
  public String rule() {
    return rule;
  }
}
