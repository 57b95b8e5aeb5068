// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Usage;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LimitInfoTests {

  private static List<Usage> usage(String value) {
    return LimitInfo.of(Headers.none().with("Sforce-Limit-Info", value));
  }

  @Test
  void ofWhenOrgAndAppAreToldThenBothAndNoNameOfTheApp() {
    assertThat(usage("api-usage=18/5000; per-app-api-usage=17/250(appName=api-usage=1/2)"))
        .startsWith(
            new Usage(
                "api-usage", OptionalLong.of(18), OptionalLong.of(5000), OptionalLong.of(4982)),
            new Usage(
                "per-app-api-usage",
                OptionalLong.of(17),
                OptionalLong.of(250),
                OptionalLong.of(233)));
  }

  @Test
  void ofWhenMoreIsUsedThanAllowedThenNothingIsLeft() {
    assertThat(usage("api-usage=5001/5000").getFirst().left()).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "api-usage", "api-usage=x/y", "other=1/2", "my-api-usage=1/2"})
  void ofWhenNothingKnownIsToldThenNothing(String value) {
    assertThat(usage(value)).isEmpty();
  }
}
