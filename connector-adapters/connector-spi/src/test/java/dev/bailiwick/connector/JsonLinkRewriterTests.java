// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bailiwick.connector.JsonLinkRewriter.Place;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinkRewriterTests {
  private static final String UP = "https://acme.service-now.com";
  private static final String DOWN = "https://gateway.acme.example/servicenow";
  private final LinkRewriter links = new LinkRewriter(URI.create(UP), URI.create(DOWN));

  @Test
  void feedWhenLinkStandsAtAKnownPlaceThenMovesIt() {
    String body =
        "{\"result\":[{\"caller_id\":{\"link\":\"UP/api/now/table/sys_user/1\",\"value\":\"1\"}},"
            + "{\"caller_id\":{\"link\":\"https://other.example/x\",\"value\":\"2\"}}]}";

    assertThat(rewrite(body.replace("UP", UP), "result/*/link"))
        .isEqualTo(body.replace("UP", DOWN));
  }

  @Test
  void feedWhenTextMentionsTheHostElsewhereThenStays() {
    String body =
        ("{\"link\":\"UP/a\",\"result\":{\"description\":\"see UP/a\",\"link\":\"UP/b\",\"x\":"
                + "{\"value\":\"UP/c\",\"deep\":{\"link\":\"UP/d\"},\"link\":[{\"a\":\"UP/e\"}]}}}")
            .replace("UP", UP);

    assertThat(rewrite(body, "result/*/link")).isEqualTo(body);
  }

  @Test
  void feedWhenPlaceIsAnywhereThenMovesEveryDepth() {
    String body = "{\"href\":\"UP/a\",\"data\":[{\"worker\":{\"href\":\"UP/b\"}}],\"x\":\"UP/c\"}";

    assertThat(rewrite(body.replace("UP", UP), "**/href"))
        .isEqualTo(
            body.replace("\"UP/a", "\"" + DOWN + "/a")
                .replace("\"UP/b", "\"" + DOWN + "/b")
                .replace("UP/c", UP + "/c"));
  }

  @Test
  void handlesWhenAPlaceIsWatchedThenFoundOnceAndAsTheVendorWroteThem() {
    JsonLinkRewriter rewriter =
        new JsonLinkRewriter(link -> "/mount" + link, List.of(Place.of("next")))
            .watching(
                List.of(Place.of("next"), Place.of("id")),
                text ->
                    text.equals("none")
                        ? Optional.empty()
                        : Optional.of(new Handle("page", text, Duration.ofHours(1))));
    byte[] body =
        "{\"next\":\"/a\",\"other\":\"/b\",\"id\":\"7\",\"x\":{\"id\":\"8\"},\"y\":1,\"id2\":\"none\"}"
            .getBytes(StandardCharsets.UTF_8);

    String rewritten = new String(rewriter.feed(body, 0, body.length), StandardCharsets.UTF_8);

    assertThat(rewritten).contains("\"next\":\"/mount/a\"");
    assertThat(rewriter.handles()).extracting(Handle::id).containsExactly("/a", "7");
    assertThat(rewriter.handles()).isEmpty();
  }

  @Test
  void feedWhenNumbersAreUnusualThenTheirTextIsKept() {
    String body = "{\"n\":[1.0,1.50,1e400,-0,0.1e-7,123456789012345678901234567890,1E5]}";

    assertThat(rewrite(body, "result/*/link")).isEqualTo(body);
  }

  @Test
  void feedWhenTextHoldsEveryKindOfCharacterThenItsMeaningIsKept() {
    String body =
        "{\"a\":\"é漢 \\\"\\\\/\\n\\u0001\",\"b\":\"\\uD800\",\"c\":\"\\uD83D\\uDE00\",\"d\":\"😀\"}";

    String rewritten = rewrite(body, "result/*/link");

    assertThat(rewritten)
        .isEqualTo(
            "{\"a\":\"é漢 \\\"\\\\/\\n\\u0001\",\"b\":\"\\uD800\","
                + "\"c\":\"\\uD83D\\uDE00\",\"d\":\"\\uD83D\\uDE00\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "1", "\"x\"", "null", "{\"result\":[]}", "[true,false]"})
  void feedWhenSmallThenUnchanged(String body) {
    assertThat(rewrite(body, "result/*/link")).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "{\"a\":", "{\"a\":\"b", "[1,", "{\"a\":1}}", "<html>", "{\"a\":tru"})
  void finishWhenTheAnswerIsNotWholeThenThrows(String body) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> rewrite(body, "result/*/link"));
  }

  @Test
  void feedWhenTheAnswerIsLongThenHoldsBackLittle() {
    JsonLinkRewriter rewriter = rewriter("result/*/link");
    String row = "{\"caller_id\":{\"link\":\"" + UP + "/api/now/table/sys_user/1\"}},";
    byte[] rows = row.repeat(100).getBytes(StandardCharsets.UTF_8);
    byte[] start = "{\"result\":[".getBytes(StandardCharsets.UTF_8);
    rewriter.feed(start, 0, start.length);

    for (int i = 0; i < 100; i++) {
      byte[] out = rewriter.feed(rows, 0, rows.length);

      assertThat(out.length).isGreaterThan(rows.length / 2);
    }
  }

  @Test
  void feedWhenLinksHaveNoOriginThenTheyMoveAsTheCallerSays() {
    byte[] body = "{\"next\":\"/a?b\",\"text\":\"/a\"}".getBytes(StandardCharsets.UTF_8);
    JsonLinkRewriter rewriter =
        new JsonLinkRewriter(link -> "/saas" + link, List.of(JsonLinkRewriter.Place.of("next")));

    String out = new String(rewriter.feed(body, 0, body.length), StandardCharsets.UTF_8);

    assertThat(out).startsWith("{\"next\":\"/saas/a?b\",\"text\":\"/a\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"a\": \"b/c\"}", "{\"a\": \"x\\n\\\"y\\\"\"}", "{\"a\""})
  void rewriteWhenNoLinkCanStandInTheBodyThenItIsTheSame(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

    assertThat(rewriter("link").rewrite(bytes)).isSameAs(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"link\": \"UP/a\"}",
        "{\"link\": \"https:\\/\\/acme.service-now.com/a\"}",
        "{\"link\": \"https:/\\u002facme.service-now.com/a\"}",
        "{\"link\": \"https:\\u002F\\/acme.service-now.com/a\"}",
        "{\"link\": \"\\u0068ttps:\\/\\/acme.service-now.com/a\"}"
      })
  void rewriteWhenALinkIsWrittenInAnyWayThenItMoves(String body) {
    byte[] bytes = body.replace("UP", UP).getBytes(StandardCharsets.UTF_8);

    assertThat(new String(rewriter("link").rewrite(bytes), StandardCharsets.UTF_8))
        .isEqualTo("{\"link\":\"" + DOWN + "/a\"}");
  }

  @Test
  void rewriteWhenTheBodyIsNotUtf8ThenThrows() {
    byte[] bytes = ("{\"link\": \"" + UP + "/a\"}").getBytes(StandardCharsets.UTF_16LE);

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> rewriter("link").rewrite(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "a//b", "a/", "a/**/b", "**"})
  void placeWhenANameIsEmptyThenThrows(String written) {
    assertThatIllegalArgumentException().isThrownBy(() -> JsonLinkRewriter.Place.of(written));
  }

  /** The result must not depend on where the network cut the body. */
  private String rewrite(String body, String place) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String whole = feedInPieces(bytes, Math.max(1, bytes.length), place);
    for (int size : new int[] {1, 2, 3, 7, 16}) {
      assertThat(feedInPieces(bytes, size, place)).isEqualTo(whole);
    }
    return whole;
  }

  private String feedInPieces(byte[] bytes, int size, String place) {
    JsonLinkRewriter rewriter = rewriter(place);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < bytes.length; at += size) {
      out.writeBytes(rewriter.feed(bytes, at, Math.min(size, bytes.length - at)));
    }
    out.writeBytes(rewriter.finish());
    return out.toString(StandardCharsets.UTF_8);
  }

  private JsonLinkRewriter rewriter(String place) {
    return new JsonLinkRewriter(links, List.of(JsonLinkRewriter.Place.of(place)));
  }
}
