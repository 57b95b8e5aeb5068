// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Requests whose work could grow faster than they do. */
class WorkBoundTests {

  private static Set<FieldName> fields(int count, IntFunction<String> name) {
    return IntStream.range(0, count)
        .mapToObj(i -> FieldName.of(name.apply(i), "the body"))
        .collect(Collectors.toSet());
  }

  private static List<Operation> walks(Set<FieldName> read, Set<FieldName> written) {
    return new TableUse("incident", read, Set.of(), written, false, RowBound.none()).walks();
  }

  @Test
  void walksWhenFieldsStandBehindManyReferencesThenDenied() {
    Set<FieldName> many = fields(201, i -> "r" + i + ".name");

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> walks(many, Set.of()))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> walks(Set.of(), many));
  }

  @Test
  void walksWhenManyFieldsStandBehindFewReferencesThenOneOperationForEach() {
    List<Operation> walks =
        walks(fields(1_990, i -> "r" + i % 199 + ".f" + i), fields(1, i -> "r.f"));

    assertThat(walks).hasSize(200);
    assertThat(walks)
        .filteredOn(walk -> walk.action() == Action.READ)
        .allSatisfy(walk -> assertThat(walk.fields().read()).hasSize(10));
  }

  @Test
  void ofWhenAWalkIsVeryLongThenReadWithoutRunningOutOfStack() {
    FieldName name = FieldName.of("a" + ".b".repeat(250_000), "sysparm_fields");

    assertThat(name.last()).isEqualTo("b");
  }
}
