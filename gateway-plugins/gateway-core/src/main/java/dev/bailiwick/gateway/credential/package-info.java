/**
 * Stored credentials: where they are kept, how a live one is obtained and renewed, and what guards
 * the calls that do so. The only package that imports Resilience4j.
 *
 * <p>{@link dev.bailiwick.gateway.credential.FileVault} keeps a file of two lines. The first is a
 * compact JWE (RFC 7516), A256GCM, either direct under 32 random bytes or PBES2-HS512+A256KW under
 * a passphrase. The second is {@code sha256:} and the digest of the first, so that a file that was
 * cut is told apart from a key that is wrong; against changes protects the JWE. Inside is JSON:
 * {@code format}, and under {@code entries} by name a {@code version}, the time of the last change
 * and the {@linkplain dev.bailiwick.gateway.credential.CredentialJson credential}.
 *
 * <p>Another store is one implementation of {@link
 * dev.bailiwick.gateway.credential.CredentialStore}.
 */
@NullMarked
package dev.bailiwick.gateway.credential;

import org.jspecify.annotations.NullMarked;
