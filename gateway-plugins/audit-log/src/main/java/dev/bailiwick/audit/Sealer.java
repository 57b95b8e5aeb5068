// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import java.security.MessageDigest;
import java.util.HexFormat;

/** Gives records their place in the chain, one after the other. Not thread-safe. */
final class Sealer {

  /** A record in its final form. */
  record Sealed(byte[] line, long sequence, String hash) {}

  private final RecordEncoder encoder;
  private final MessageDigest digest = SealedLine.sha256();
  private long sequence;
  private String hash;

  /** Goes on behind the record of this sequence and hash. */
  Sealer(String writer, long sequence, String hash) {
    this.encoder = new RecordEncoder(writer);
    this.sequence = sequence;
    this.hash = hash;
  }

  /**
   * The next record of the chain.
   *
   * @throws RuntimeException when it has no line, or too long a one; then it has no place either
   */
  Sealed seal(AuditRecord record) {
    LineBytes unsealed = encoder.encode(record, sequence + 1, hash);
    unsealed.digestInto(digest);
    String own = HexFormat.of().formatHex(digest.digest());
    byte[] line = SealedLine.seal(unsealed, own);
    if (line.length > SealedLine.MAX_BYTES) {
      throw new AuditException(
          "A record of "
              + line.length
              + " bytes exceeds the limit of "
              + SealedLine.MAX_BYTES
              + ": send smaller requests.");
    }
    sequence++;
    hash = own;
    return new Sealed(line, sequence, own);
  }
}
