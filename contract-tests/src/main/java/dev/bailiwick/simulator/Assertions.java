// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a vendor checks of a JWT bearer assertion (RFC 7523 §3): RS256 with the key that was
 * uploaded, issuer, subject, audience, a short life, and that it was not used before. Thread-safe.
 */
public final class Assertions {
  private final Clock clock;
  private final String issuer;
  private final String subject;
  private final Duration longest;
  private final Set<String> used = new HashSet<>();
  private @Nullable RSAPublicKey key;

  /**
   * @param longest how far in the future an assertion may expire
   */
  public Assertions(Clock clock, String issuer, String subject, Duration longest) {
    this.clock = clock;
    this.issuer = issuer;
    this.subject = subject;
    this.longest = longest;
  }

  /** Registers the key that assertions are verified with. */
  public synchronized void trust(RSAPublicKey publicKey) {
    key = publicKey;
  }

  /** Why an assertion is not accepted; empty when it is, and then it is used up. */
  public synchronized Optional<String> problem(String assertion, List<String> audiences) {
    try {
      SignedJWT jwt = SignedJWT.parse(assertion);
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Instant now = clock.instant();
      if (key == null
          || !jwt.getHeader().getAlgorithm().getName().equals("RS256")
          || !jwt.verify(new RSASSAVerifier(key))) {
        return Optional.of("invalid assertion");
      }
      if (!issuer.equals(claims.getIssuer())) {
        return Optional.of("invalid client credentials");
      }
      if (!subject.equals(claims.getSubject())) {
        return Optional.of("user hasn't approved this consumer");
      }
      if (claims.getAudience().size() != 1
          || !audiences.contains(claims.getAudience().getFirst())) {
        return Optional.of("audience is invalid");
      }
      if (claims.getExpirationTime() == null
          || !claims.getExpirationTime().toInstant().isAfter(now)
          || claims.getExpirationTime().toInstant().isAfter(now.plus(longest))) {
        return Optional.of("invalid assertion expiration");
      }
      return used.add(assertion) ? Optional.empty() : Optional.of("the assertion was used before");
    } catch (ParseException | JOSEException e) {
      return Optional.of("invalid assertion");
    }
  }
}
