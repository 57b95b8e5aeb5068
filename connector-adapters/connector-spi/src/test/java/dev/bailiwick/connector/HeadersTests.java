// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTests {
  private final Headers headers =
      Headers.of(
          List.of(
              new Headers.Field("Accept", "a"),
              new Headers.Field("X-Two", "1"),
              new Headers.Field("x-two", "2")));

  @Test
  void firstAndAllWhenNameIsInAnotherCaseThenFind() {
    assertThat(headers.first("ACCEPT")).contains("a");
    assertThat(headers.all("X-TWO")).containsExactly("1", "2");
    assertThat(headers.has("x-three")).isFalse();
  }

  @Test
  void withWhenNameIsThereThenReplacesEveryLine() {
    assertThat(headers.with("X-Two", "3").all("x-two")).containsExactly("3");
  }

  @Test
  void withoutWhenNameIsInAnotherCaseThenRemovesEveryLine() {
    assertThat(headers.without(List.of("x-TWO")).fields()).hasSize(1);
    assertThat(headers.without(List.of("other"))).isSameAs(headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a:", "a\n", "a\u0000", "é", "a(b)", "\u212aey"})
  void fieldWhenNameIsNoTokenThenThrows(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Headers.Field(name, "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb", "a\nb", "a\rb", "\u0000", "\u007f", "\u010a", "\u560a"})
  void fieldWhenValueCouldBecomeASecondLineThenThrows(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Headers.Field("x", value))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(value));
  }

  @Test
  void fieldWhenValueHoldsTabOrLatin1ThenAccepts() {
    assertThat(new Headers.Field("x", "a\tb é").value()).isEqualTo("a\tb é");
  }

  @Test
  void toStringWhenCalledThenShowsNamesOnly() {
    assertThat(Headers.none().with("Authorization", "Bearer hush").toString())
        .contains("authorization")
        .doesNotContain("hush");
  }
}
