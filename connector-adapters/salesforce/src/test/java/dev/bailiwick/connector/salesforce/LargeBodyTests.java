// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import org.junit.jupiter.api.Test;

/** Bodies above the usual mebibyte, which a bundle can permit. */
class LargeBodyTests {
  private static final BodyLimits LARGE = BodyLimits.ofBytes(4 * 1024 * 1024);

  @Test
  void callWhenCollectionIsLargerThanUsualAndMayBeThenUnderstood() {
    String record =
        "{\"attributes\":{\"type\":\"Account\"},\"Description\":\"" + "x".repeat(8000) + "\"}";
    ConnectorRequest request =
        TestConnectors.post(
            "/services/data/v66.0/composite/sobjects",
            "{\"records\":[" + (record + ",").repeat(199) + record + "]}");

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> TestConnectors.mounted().call(request))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
    assertThat(TestConnectors.mounted().classify(request).call(request.body(), LARGE).operations())
        .extracting(operation -> operation.scope("salesforce"))
        .containsExactly("salesforce:sobject/account:create");
  }
}
