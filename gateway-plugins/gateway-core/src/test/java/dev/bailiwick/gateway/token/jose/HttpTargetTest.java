// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTargetTest {

  @ParameterizedTest
  @CsvSource({
    "https://a.example, https://a.example/",
    "https://a.example/, https://a.example/",
    "https://a.example?q, https://a.example/",
    "https://a.example#f, https://a.example/",
    "https://a.example/p?q=/../x#f, https://a.example/p",
    "https://a.example/p#f?q, https://a.example/p",
    "HTTPS://A.Example/P, https://a.example/P",
    "https://a.example:443/p, https://a.example/p",
    "https://a.example:/p, https://a.example/p",
    "https://a.example:8443/p, https://a.example:8443/p",
    "http://a.example:80/p, http://a.example/p",
    "http://a.example:443/p, http://a.example:443/p",
    "https://[2001:DB8::1]:443/p, https://[2001:db8::1]/p",
    "https://%61.example/p, https://a.example/p",
    "https://a.example/%61%7E%2d, https://a.example/a~-",
    "https://a.example/%2f%3a, https://a.example/%2F%3A",
    "https://a.example/a%2Fb, https://a.example/a%2Fb",
    "https://a.example/a/./b, https://a.example/a/b",
    "https://a.example/a/../b, https://a.example/b",
    "https://a.example/a/b/.., https://a.example/a/",
    "https://a.example/a/., https://a.example/a/",
    "https://a.example/../../b, https://a.example/b",
    "https://a.example/.., https://a.example/",
    "https://a.example/a/%2e%2E/b, https://a.example/b",
    "https://a.example/a//b, https://a.example/a//b",
    "https://a.example/a//../b, https://a.example/a/b",
    "https://a.example/.../b, https://a.example/.../b",
    "https://a.example/.well-known/x, https://a.example/.well-known/x",
    "'https://a.example/a;b=c,d@e:f', 'https://a.example/a;b=c,d@e:f'",
  })
  void normalizeWhenAddressThenGivesItsNormalForm(String address, String normal) {
    assertThat(HttpTarget.normalize(address)).hasValue(normal);
    assertThat(HttpTarget.normalize(normal)).hasValue(normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/p",
        "a.example/p",
        "//a.example/p",
        "https:/a.example/p",
        "https:///p",
        "https://:443/p",
        "ftp://a.example/p",
        "https://user@a.example/p",
        "https://user:pw@a.example/p",
        "https://a.example:44x/p",
        "https://a.example:443443/p",
        "https://a.example:-1/p",
        "https://a.example:٤٤٣/p",
        "https://[::1/p",
        "https://[::1]x/p",
        "https://a.example/a b",
        "https://a.example/a\\b",
        "https://a.example/a\nb",
        "https://a.example/ü",
        "https://ü.example/a",
        "https://a.example/%",
        "https://a.example/%4",
        "https://a.example/%4g",
        "https://a.example/%٤1",
        "https://a.example/a[b]",
        " https://a.example/",
      })
  void normalizeWhenNotAnHttpAddressThenEmpty(String text) {
    assertThat(HttpTarget.normalize(text)).isEmpty();
  }
}
