// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {

  /** More than an encoder remembers. */
  private static final int CALLERS = 700;

  @Test
  void encodeWhenCallersAreRememberedAndForgottenThenEveryLineIsAsFromAFreshEncoder() {
    RecordEncoder encoder = new RecordEncoder("gateway-a");

    List<String> lines =
        IntStream.range(0, 2 * CALLERS)
            .mapToObj(n -> line(encoder, calledBy(n % CALLERS)))
            .toList();

    assertThat(lines)
        .isEqualTo(
            IntStream.range(0, 2 * CALLERS)
                .mapToObj(n -> line(new RecordEncoder("gateway-a"), calledBy(n % CALLERS)))
                .toList());
  }

  @Test
  void encodeWhenCallersDifferInOneFactThenEachIsRecordedAsItIs() {
    RecordEncoder encoder = new RecordEncoder("gateway-a");

    String first = line(encoder, calledBy(1));
    String second = line(encoder, calledBy(2));

    assertThat(first).contains("\"alice\\\"\\n\\u2028-1\"").doesNotContain("u2028-2");
    assertThat(second).contains("\"alice\\\"\\n\\u2028-2\"").doesNotContain("u2028-1");
  }

  private static String line(RecordEncoder encoder, AuditRecord record) {
    return new String(encoder.encode(record, 7, SealedLine.GENESIS));
  }

  private static AuditRecord calledBy(int number) {
    AuditRecord.GatewayDecision like = TestRecords.allowed(7);
    AuditRecord.Caller caller = like.caller().orElseThrow();
    return new AuditRecord.GatewayDecision(
        like.time(),
        like.correlationId(),
        true,
        like.code(),
        like.sentence(),
        like.policy(),
        Optional.of(
            new AuditRecord.Caller(
                caller.issuer(),
                "alice\"\n\u2028-" + number,
                caller.actors(),
                caller.task(),
                caller.tokenId(),
                caller.parentTokenId(),
                caller.clientId(),
                caller.keyThumbprint())),
        like.connector(),
        like.method(),
        like.target(),
        like.operations(),
        like.credential(),
        like.upstreamStatus(),
        like.sourceAddress());
  }
}
