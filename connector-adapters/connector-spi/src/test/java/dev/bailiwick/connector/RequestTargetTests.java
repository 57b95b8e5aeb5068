// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTests {

  @Nested
  class Path {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "/a/../b", // dot segments, raw
          "/a/./b",
          "/..",
          "/.",
          "/a/..",
          "/a/%2e%2e/b", // … encoded, in both cases and half
          "/a/%2E%2E/b",
          "/a/%2e/b",
          "/a/.%2e/b",
          "/a/%2e./b",
          "/a/...", // … and their neighbours on file systems that drop trailing dots
          "/a/b.",
          "//a",
          "/a//b",
          "/a//",
          "//",
          "/a%2fb", // encoded separators
          "/a%2Fb",
          "/a%5cb",
          "/a%5Cb",
          "/a\\b",
          "/a;x=y/b", // matrix parameters
          "/a%3Bx",
          "/a;",
          "/%65xecute", // encoded without need
          "/%7Euser",
          "/a%2Db",
          "/a%25", // a percent sign that survives decoding
          "/a%252e%252e/b",
          "/a%252fb",
          "/a%25%32%66b",
          "/a%00b", // control bytes
          "/a%0d%0ab",
          "/a%7Fb",
          "/a%C2%85b",
          "/a\u0001b",
          "/a\tb",
          "/a b",
          "/a%3Fb", // delimiters of the next part
          "/a%23b",
          "/a?b",
          "/a#b",
          "/a%C0%AFb", // not UTF-8: overlong, lone, truncated, surrogate, too large
          "/a%C0%AE%C0%AE/b",
          "/a%FFb",
          "/a%C3",
          "/a%ED%A0%80b",
          "/a%F5%80%80%80b",
          "/caf\u00e9", // raw non-ASCII
          "/a%\uff12\uff16b", // digits of another script
          "/a%4",
          "/a%",
          "/a%zz",
          "/a%-1",
          "/a\"b", // characters that RFC 3986 gives no place in a path
          "/a<b>",
          "/a^b",
          "/a`b",
          "/a{b}",
          "/a|b",
          "/a[b]",
          "",
          "a",
          "*",
          "http://host/a"
        })
    void parseWhenPathHasTwoReadingsThenDenies(String path) {
      assertDenied(path, null);
    }

    @ParameterizedTest
    @CsvSource({
      "/, /",
      "/a, /a",
      "/a/, /a/",
      "/a/b/c, /a/b/c",
      "/a.b/c-d_e~f, /a.b/c-d_e~f",
      "/a%20b, /a%20b",
      "/caf%c3%a9, /caf%C3%A9",
      "/a+b, /a%2Bb",
      "/a%2bb, /a%2Bb",
      "/a:b@c, /a%3Ab%40c",
      "/a=b, /a%3Db",
      "/.well-known/x, /.well-known/x",
      "/a/..b/c, /a/..b/c",
    })
    void parseWhenPathIsPlainThenRendersTheCanonicalForm(String path, String canonical) {
      RequestTarget target = RequestTarget.parse(path, null);

      assertThat(target.path()).isEqualTo(canonical);
    }

    @Test
    void parseWhenSegmentIsEncodedThenDecodesOnce() {
      RequestTarget target = RequestTarget.parse("/a%20b/caf%C3%A9/a+b", null);

      assertThat(target.segments()).containsExactly("a b", "café", "a+b");
    }
  }

  @Nested
  class Query {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "&",
          "a=1&",
          "&a=1",
          "a=1&&b=2",
          "=1",
          "a=1&=2",
          "a=%",
          "a=%4",
          "a=%zz",
          "a=%00",
          "a=%0A",
          "a=%0d%0aSet-Cookie",
          "a=%7f",
          "a=%C2%80",
          "a=%FF",
          "a=%C0%AF",
          "a=%ED%A0%80",
          "a b=1",
          "a=\u00e9",
          "a=x\\y",
          "a=x#y",
          "a=%\uff12\uff10",
          "a=x\ny"
        })
    void parseWhenQueryHasTwoReadingsThenDenies(String query) {
      assertDenied("/a", query);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = ' ',
        value = {
          "a=1 a=1",
          "a a=",
          "a= a=",
          "a=b+c a=b%20c",
          "a=b%20c a=b%20c",
          "a=b%2Bc a=b%2Bc",
          "a=%25 a=%25",
          "a=%252e a=%252e",
          "a=%65 a=e",
          "sysparm%5Fquery=x sysparm_query=x",
          "a=b=c a=b%3Dc",
          "q=active=true^ORDERBYnumber q=active%3Dtrue%5EORDERBYnumber",
          "a=1;b=2 a=1%3Bb%3D2",
          "a=1&a=2 a=1&a=2",
          "a=%C3%A9 a=%C3%A9",
          "a=/x?y a=%2Fx%3Fy",
        })
    void parseWhenQueryIsPlainThenRendersTheCanonicalForm(String query, String canonical) {
      RequestTarget target = RequestTarget.parse("/a", query);

      assertThat(target.query()).contains(canonical);
    }

    @Test
    void parseWhenValueIsEncodedTwiceThenDecodesOnce() {
      RequestTarget target = RequestTarget.parse("/a", "q=%2541%252B");

      assertThat(target.values("q")).containsExactly("%41%2B");
    }

    @Test
    void parseWhenQueryIsAbsentOrEmptyThenThereIsNone() {
      assertThat(RequestTarget.parse("/a", null).query()).isEmpty();
      assertThat(RequestTarget.parse("/a", "").query()).isEmpty();
      assertThat(RequestTarget.parse("/a", "").pathAndQuery()).isEqualTo("/a");
    }

    @Test
    void singleWhenGivenOnceThenReturnsIt() {
      RequestTarget target = RequestTarget.parse("/a", "b=1&c=2");

      assertThat(target.single("b")).contains("1");
      assertThat(target.single("d")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"b=1&b=1", "b=1&B=2", "B=1", "%42=1", "b=1&%62=2"})
    void singleWhenRepeatedOrInAnotherCaseThenDenies(String query) {
      RequestTarget target = RequestTarget.parse("/a", query);

      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> target.single("b"))
          .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TARGET));
    }

    @Test
    void withoutParametersWhenNamedInAnyCaseThenRemoves() {
      RequestTarget target = RequestTarget.parse("/a", "sid=1&SID=2&b=3");

      assertThat(target.withoutParameters(List.of("Sid")).pathAndQuery()).isEqualTo("/a?b=3");
    }
  }

  @Nested
  class Instances {
    @Test
    void belowWhenOnlyTheMountPointIsLeftThenEqualsTheRoot() {
      RequestTarget target = RequestTarget.parse("/servicenow/", "a=1").below(1);

      assertThat(target).isEqualTo(RequestTarget.parse("/", "a=1"));
    }

    @Test
    void belowWhenCalledThenKeepsQueryAndTrailingSlash() {
      RequestTarget target = RequestTarget.parse("/servicenow/api/now/", "a=1").below(1);

      assertThat(target.pathAndQuery()).isEqualTo("/api/now/?a=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a\\b", "a;b", "a%b", "a?b", "a\nb", "\ud800"})
    void constructorWhenASegmentCouldNotHaveBeenParsedThenDenies(String segment) {
      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> new RequestTarget(List.of(segment), List.of(), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "a\u000bb", "\udc00", "x\ud800y"})
    void constructorWhenAParameterCouldNotHaveBeenParsedThenDenies(String value) {
      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> new Parameter("a", value));
      assertThatExceptionOfType(MalformedRequestException.class)
          .isThrownBy(() -> new Parameter(value, "a"));
    }

    @Test
    void toStringWhenAParameterHoldsASecretThenDoesNotShowIt() {
      RequestTarget target = RequestTarget.parse("/a", "access_token=hush-hush");

      assertThat(target.toString()).contains("access_token").doesNotContain("hush");
    }
  }

  /** Random targets: whatever is accepted must render to a form that is accepted and equal. */
  @Test
  void parseWhenAcceptedThenTheRenderedFormIsAFixedPoint() {
    Random random = new Random(20261123);
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      String path = "/" + randomText(random, 12);
      String query = random.nextBoolean() ? null : randomText(random, 12);
      RequestTarget target;
      try {
        target = RequestTarget.parse(path, query);
      } catch (MalformedRequestException denied) {
        continue;
      }
      accepted++;
      RequestTarget again = RequestTarget.parse(target.path(), target.query().orElse(null));

      assertThat(again).as("%s ? %s", path, query).isEqualTo(target);
      assertThat(again.pathAndQuery()).as("%s ? %s", path, query).isEqualTo(target.pathAndQuery());
      assertThat(target.path()).matches("/|(/([A-Za-z0-9._~-]|%[0-9A-F]{2})+)+/?");
      assertThat(target.path()).doesNotContain("%2F", "%5C", "%25", "%3B", "%00");
    }
    assertThat(accepted).isGreaterThan(10_000);
  }

  /** Mostly the characters and escapes that have a meaning to somebody. */
  private static String randomText(Random random, int longest) {
    String[] pieces = {
      "a",
      "b",
      "Z",
      "0",
      "-",
      ".",
      "_",
      "~",
      "/",
      "?",
      "&",
      "=",
      "+",
      ";",
      "%",
      "^",
      "@",
      ":",
      "é",
      "%20",
      "%2e",
      "%2F",
      "%5c",
      "%25",
      "%C3%A9",
      "%c3",
      "%F0%9F%98%80",
      "%00",
      "%2B",
      "%3d",
      "%26",
      "aa",
      "bb",
      "cc",
      "dd",
      "ee"
    };
    StringBuilder text = new StringBuilder();
    IntStream.range(0, random.nextInt(longest))
        .forEach(i -> text.append(pieces[random.nextInt(pieces.length)]));
    return text.toString();
  }

  private static void assertDenied(String path, String query) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> RequestTarget.parse(path, query))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TARGET))
        .satisfies(e -> assertThat(e.sentence()).isNotBlank());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%0A", "%0D", "%09"})
  void parseKeepingLineBreaksWhenAValueHoldsOneThenOnlyWhereItMay(String encoded) {
    RequestTarget target =
        RequestTarget.parseKeepingLineBreaks("/query", "q=a" + encoded + "b&x=1");

    assertThat(target.requireNoLineBreaks(Set.of("q")).pathAndQuery())
        .isEqualTo("/query?q=a" + encoded + "b&x=1");
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> target.requireNoLineBreaks(Set.of("x", "Q")))
        .withMessageContaining("control character");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%0Ab=1", "q=%00", "q=%0B", "q=%7F", "q=%C2%85"})
  void parseKeepingLineBreaksWhenItIsAnotherCharacterOrPlaceThenDenies(String query) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> RequestTarget.parseKeepingLineBreaks("/query", query))
        .withMessageContaining("control character");
  }

  @Test
  void parseKeepingLineBreaksWhenThePathHoldsOneThenDenies() {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> RequestTarget.parseKeepingLineBreaks("/a%0Ab", null));
  }
}
