// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

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
  void callWhenSoapMessageIsLargerThanUsualAndMayBeThenUnderstood() {
    String message =
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\""
            + " xmlns:b=\"urn:com.workday/bsvc\"><s:Body><b:Put_Applicant_Request>"
            + "<b:Note>".concat("x".repeat(1_500_000)).concat("</b:Note>")
            + "<b:Skill/>".repeat(60_000)
            + "</b:Put_Applicant_Request></s:Body></s:Envelope>";
    ConnectorRequest request = TestTenant.soap(message);

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> TestTenant.connector().call(request))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
    assertThat(TestTenant.connector().classify(request).call(request.body(), LARGE).operations())
        .extracting(operation -> operation.scope("workday"))
        .containsExactly(
            "workday:soap/Human_Resources.Put_Applicant:create",
            "workday:soap/Human_Resources.Put_Applicant:update");
  }
}
