// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests whose work could grow faster than they do. */
class WorkBoundTests {
  static List<ConnectorRequest> tooMuch() {
    return List.of(
        wql("SELECT " + list(201, "r%d{name}") + " FROM allWorkers"),
        wql("SELECT a FROM allWorkers ORDER BY " + list(201, "r%d{name}")),
        TestTenant.request(
            "POST",
            "/ccx/api/absenceManagement/v1/acme/workers/" + TestTenant.ID + "/requestTimeOff",
            null,
            TestTenant.JSON,
            "{" + list(5_001, "\"f%d\":1") + "}"));
  }

  @ParameterizedTest
  @MethodSource("tooMuch")
  void callWhenMoreIsNamedThanCanBeCheckedThenDenied(ConnectorRequest request) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> TestTenant.connector().call(request))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
  }

  @Test
  void callWhenManyFieldsStandBehindFewObjectsThenOneOperationForEach() {
    ConnectorRequest request = wql("SELECT " + list(200, "r%d{a,b,c}") + " FROM allWorkers");

    assertThat(TestTenant.connector().call(request).operations())
        .hasSize(201)
        .filteredOn(operation -> operation.family().equals("wql-related"))
        .allSatisfy(
            operation ->
                assertThat(operation.fields().read()).containsExactlyInAnyOrder("a", "b", "c"));
  }

  private static ConnectorRequest wql(String query) {
    return TestTenant.request(
        "POST",
        "/ccx/api/wql/v1/acme/data",
        null,
        TestTenant.JSON,
        "{\"query\":\"" + query + "\"}");
  }

  private static String list(int count, String item) {
    return IntStream.range(0, count)
        .mapToObj(i -> item.replace("%d", "" + i))
        .collect(Collectors.joining(","));
  }
}
