// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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

  /** Every value that a remembered form leaves out, plain and such as must be escaped. */
  @Test
  void encodeWhenAFormIsRememberedThenEveryLineIsAsFromAFreshEncoder() {
    RecordEncoder encoder = new RecordEncoder("gateway-a");
    List<String> texts =
        List.of(
            "/plain",
            "",
            "\"",
            "\\\"}}}",
            "a\nb",
            "\u001b[31m",
            "\u007f",
            "\u00e9\u2028",
            "\ud83d\ude00");

    for (String text : texts) {
      for (OptionalInt status : List.of(OptionalInt.of(200), OptionalInt.empty())) {
        AuditRecord record = differing(text, status);

        assertThat(line(encoder, record)).isEqualTo(line(new RecordEncoder("gateway-a"), record));
        assertThat(line(encoder, record)).isEqualTo(line(new RecordEncoder("gateway-a"), record));
      }
    }
  }

  private static AuditRecord differing(String text, OptionalInt status) {
    AuditRecord.GatewayDecision like = TestRecords.allowed(7);
    return new AuditRecord.GatewayDecision(
        like.time().plusNanos(1_000_000L * text.length()),
        "call" + text,
        true,
        like.code(),
        like.sentence(),
        like.policy(),
        like.caller(),
        like.connector(),
        like.method(),
        Optional.of("/path" + text),
        like.operations(),
        like.credential(),
        status,
        text);
  }

  private static String line(RecordEncoder encoder, AuditRecord record) {
    return encoder.encode(record, 7, SealedLine.GENESIS).toString(StandardCharsets.US_ASCII);
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
