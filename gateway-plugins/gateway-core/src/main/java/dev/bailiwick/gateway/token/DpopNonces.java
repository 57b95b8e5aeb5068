// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces that a proof must carry (RFC 9449 §8 and §9), made without remembering any: a nonce is the
 * current period and its HMAC. A nonce is accepted in its own period and in the next one.
 * Thread-safe; nodes that share the key accept each other's nonces.
 */
public final class DpopNonces {
  private static final String HMAC = "HmacSHA256";
  private static final int MAC_BYTES = 16;
  private static final int MIN_KEY_BYTES = 32;

  private final SecretKeySpec key;
  private final Duration period;
  private final Clock clock;

  private DpopNonces(byte[] key, Duration period, Clock clock) {
    this.key = new SecretKeySpec(key, HMAC);
    this.period = period;
    this.clock = clock;
  }

  /**
   * Nonces under a key that several nodes share.
   *
   * @param key at least 32 random bytes; copied
   * @param period at least one second
   */
  public static DpopNonces create(byte[] key, Duration period, Clock clock) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException("a nonce key has at least 32 bytes");
    }
    if (period.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("expected a period of at least one second");
    }
    return new DpopNonces(key, period, Objects.requireNonNull(clock, "clock"));
  }

  /** Nonces that only this process accepts. */
  public static DpopNonces random(Duration period, Clock clock) {
    byte[] key = new byte[MIN_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return create(key, period, clock);
  }

  /** The nonce of the current period. */
  public String current() {
    return nonce(currentPeriod());
  }

  /** True for the nonce of this period or of the one before. */
  public boolean accepts(String nonce) {
    long now = currentPeriod();
    byte[] presented = nonce.getBytes(StandardCharsets.UTF_8);
    return isNonceOf(now, presented) || isNonceOf(now - 1, presented);
  }

  private boolean isNonceOf(long period, byte[] presented) {
    return MessageDigest.isEqual(nonce(period).getBytes(StandardCharsets.UTF_8), presented);
  }

  private long currentPeriod() {
    return Math.floorDiv(clock.millis(), period.toMillis());
  }

  private String nonce(long number) {
    byte[] message = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      byte[] tag = Arrays.copyOf(mac.doFinal(message), MAC_BYTES);
      ByteBuffer whole = ByteBuffer.allocate(message.length + tag.length).put(message).put(tag);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(whole.array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  @Override
  public String toString() {
    return "DpopNonces[period " + period + "]";
  }
}
