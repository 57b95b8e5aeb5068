// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import dev.bailiwick.connector.Credential;
import java.time.Duration;

/** Outcome of asking for a live upstream credential. */
public sealed interface CredentialResult {

  /**
   * @param generation changes with every renewal; tells {@link CredentialBroker#renew} which one
   *     was found to be expired
   */
  record Available(Credential credential, long generation) implements CredentialResult {}

  /** There is no such entry in the store. */
  record Missing(String sentence) implements CredentialResult {}

  /** The vendor withdrew the grant: a person has to consent again. Never retried. */
  record NeedsConsent(String sentence) implements CredentialResult {}

  /** Not now: the store or the token endpoint does not answer. */
  record Unavailable(String sentence, Duration retryAfter) implements CredentialResult {}
}
