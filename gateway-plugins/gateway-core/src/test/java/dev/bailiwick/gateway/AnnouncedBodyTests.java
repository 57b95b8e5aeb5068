// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnnouncedBodyTests {

  private static Headers length(String value) {
    return Headers.of(List.of(new Headers.Field("Content-Length", value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/1.0"})
  void ofWhenHttp1SaysNothingThenThereIsNone(String protocol) {
    AnnouncedBody body = AnnouncedBody.of(Headers.none(), protocol);

    assertThat(body).isEqualTo(new AnnouncedBody.None());
    assertThat(body.isShownBy(new byte[0])).isTrue();
    assertThat(body.isShownBy(new byte[1])).isFalse();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"HTTP/2.0", "HTTP/3.0", "", "HTTP/1.2", "http/1.1"})
  void ofWhenAnotherProtocolSaysNothingThenThereMayBeOne(String protocol) {
    AnnouncedBody body = AnnouncedBody.of(Headers.none(), protocol);

    assertThat(body).isEqualTo(new AnnouncedBody.Unsaid());
    assertThat(body.isShownBy(new byte[1])).isTrue();
    assertThat(body.isShownBy(new byte[0])).as("a gateway may show none of it").isFalse();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2.0"})
  void ofWhenLengthIsSaidThenItCountsOverEveryProtocol(String protocol) {
    AnnouncedBody body = AnnouncedBody.of(length("7"), protocol);

    assertThat(body).isEqualTo(new AnnouncedBody.Bytes(7));
    assertThat(body.isLongerThan(6)).isTrue();
    assertThat(body.isLongerThan(7)).isFalse();
    assertThat(body.isShownBy(new byte[7])).isTrue();
    assertThat(body.isShownBy(new byte[6])).isFalse();
    assertThat(body.isShownBy(new byte[0])).isFalse();
    assertThat(AnnouncedBody.of(length("0"), protocol)).isEqualTo(new AnnouncedBody.None());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "", "1, 1", "99999999999999999999"})
  void ofWhenLengthIsNoNumberThenItIsTooLong(String value) {
    assertThat(AnnouncedBody.of(length(value), "HTTP/1.1").isLongerThan(Integer.MAX_VALUE))
        .isTrue();
  }

  @Test
  void ofWhenChunkedThenThereIsOne() {
    AnnouncedBody body =
        AnnouncedBody.of(
            Headers.of(List.of(new Headers.Field("Transfer-Encoding", "chunked"))), "HTTP/1.1");

    assertThat(body).isEqualTo(new AnnouncedBody.Chunks());
    assertThat(body.isLongerThan(0)).isFalse();
    assertThat(body.isShownBy(new byte[0])).isFalse();
    assertThat(body.isShownBy(new byte[1])).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"false, false, true", "true, false, false", "false, true, false"})
  void mustBeKeptOutWhenTheHeadLeavesItOpenThenOnlyWhereNoBodyBelongs(
      boolean needed, boolean streamed, boolean keptOut) {
    Head head = new Head(needed, streamed);

    assertThat(new AnnouncedBody.Unsaid().mustBeKeptOut(head)).isEqualTo(keptOut);
    assertThat(new AnnouncedBody.None().mustBeKeptOut(head)).isFalse();
    assertThat(new AnnouncedBody.Bytes(1).mustBeKeptOut(head)).isFalse();
    assertThat(new AnnouncedBody.Chunks().mustBeKeptOut(head)).isFalse();
  }

  private record Head(boolean needsBody, boolean streamsBody) implements Admission.Admitted {
    @Override
    public int maxBodyBytes() {
      return 100;
    }

    @Override
    public String connector() {
      return "shop";
    }

    @Override
    public String correlationId() {
      return "call-1";
    }
  }
}
