// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTests {
  private static final BodyLimits LIMITS = new BodyLimits(200, 4, 20);

  @Test
  void parseWhenEveryKindOfValueThenKeepsOrderAndNumberText() {
    JsonObject object =
        (JsonObject) parse("{\"b\":[1.50, 1e400, -0],\"a\":\"\\u00e9\",\"t\":true,\"n\":null}");

    assertThat(object.members().keySet()).containsExactly("b", "a", "t", "n");
    assertThat(object.member("b"))
        .contains(
            new JsonArray(
                List.of(new JsonNumber("1.50"), new JsonNumber("1e400"), new JsonNumber("-0"))));
    assertThat(object.text("a")).contains("é");
    assertThat(object.member("t")).contains(new JsonBoolean(true));
    assertThat(object.member("n")).contains(new JsonNull());
    assertThat(object.text("t")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1",
        "{\"a\"",
        "{\"a\":",
        "{} {}",
        "{}x",
        "1 2",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"x\":{\"a\":1,\"a\":1}}",
        "[{\"a\":1,\"a\":1}]",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}",
        "{\"a\":1,}",
        "[1,]",
        "// x\n{}",
        "/* x */{}",
        "{\"a\":\"b\nc\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"\\udc00\":1}",
        "\uFEFF{}"
      })
  void parseWhenTwoReadersCouldDifferThenDenies(String body) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> parse(body))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.BODY));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "ISO-8859-1"})
  void parseWhenNotUtf8ThenDenies(String charset) {
    byte[] body = "{\"name\":\"é\"}".getBytes(Charset.forName(charset));

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> JsonBody.parse(body, LIMITS))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.BODY));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[[1]]]]]",
        "{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}",
        "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
        "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
            + "11111111111"
      })
  void parseWhenOverALimitThenTooLarge(String body) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> parse(body))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
  }

  @Test
  void parseWhenMoreBytesThanTheLimitThenTooLarge() {
    String body = "\"" + "x".repeat(199) + "\"";

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> parse(body))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
  }

  @Test
  void parseWhenANameIsRepeatedThenTheSentenceNamesItOnlyIfHarmless() {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> parse("{\"state\":1,\"state\":2}"))
        .withMessageContaining("\"state\"");
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> parse("{\"<script>\":1,\"<script>\":2}"))
        .satisfies(e -> assertThat(e.sentence()).doesNotContain("<"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\""
      })
  void requireJsonWhenJsonInUtf8ThenAccepts(String type) {
    JsonBody.requireJson(Headers.none().with("Content-Type", type));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonp",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-7",
        "multipart/form-data; boundary=x"
      })
  void requireJsonWhenAnythingElseThenUnsupported(String type) {
    Headers headers = type.isEmpty() ? Headers.none() : Headers.none().with("Content-Type", type);

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> JsonBody.requireJson(headers))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.MEDIA_TYPE));
  }

  @Test
  void requireJsonWhenContentTypeIsRepeatedThenUnsupported() {
    Headers headers =
        Headers.of(
            List.of(
                new Headers.Field("Content-Type", "application/json"),
                new Headers.Field("Content-Type", "application/json")));

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> JsonBody.requireJson(headers));
  }

  @ParameterizedTest
  @CsvSource({"gzip", "br", "'gzip, identity'", "x-gzip", "''"})
  void requireIdentityWhenEncodedThenSaysHowToSendIt(String coding) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> JsonBody.requireIdentity(Headers.none().with("Content-Encoding", coding)))
        .withMessageContaining("without Content-Encoding")
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.MEDIA_TYPE));
  }

  @Test
  void toStringWhenBodyHoldsTextThenDoesNotShowIt() {
    assertThat(parse("{\"password\":\"hush\",\"pin\":4711}").toString())
        .doesNotContain("hush", "4711");
    assertThat(new JsonString("hush").toString()).doesNotContain("hush");
  }

  private static JsonValue parse(String body) {
    return JsonBody.parse(body.getBytes(StandardCharsets.UTF_8), LIMITS);
  }

  @Test
  void parseWhenLimitsAreLargerThanUsualThenReadsALargerBody() {
    byte[] body = ("[" + "\"x\",".repeat(300_000) + "0]").getBytes(StandardCharsets.UTF_8);

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> JsonBody.parse(body, BodyLimits.defaults()));
    assertThat(JsonBody.parse(body, BodyLimits.ofBytes(4 * 1024 * 1024)))
        .isInstanceOfSatisfying(
            JsonValue.JsonArray.class, array -> assertThat(array.items()).hasSize(300_001));
  }

  @Test
  void ofBytesWhenSmallerOrLargerThenDepthStaysAndTokensGrow() {
    assertThat(BodyLimits.ofBytes(1024 * 1024)).isEqualTo(BodyLimits.defaults());
    assertThat(BodyLimits.ofBytes(1024)).isEqualTo(new BodyLimits(1024, 32, 100_000));
    assertThat(BodyLimits.ofBytes(64 * 1024 * 1024))
        .isEqualTo(new BodyLimits(64 * 1024 * 1024, 32, 6_400_000));
  }
}
