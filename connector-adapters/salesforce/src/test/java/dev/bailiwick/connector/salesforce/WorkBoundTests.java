// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of which every part is small and the product of two parts is not. */
final class WorkBoundTests {
  private static final String SEARCH = "/services/data/v66.0/parameterizedSearch";
  private static final String GRAPHQL = "/services/data/v66.0/graphql";

  static List<ConnectorRequest> tooMuch() {
    return List.of(
        search(101, 1),
        search(100, 201),
        search(1, 2_001),
        TestConnectors.get(SEARCH + "?q=x" + "&sobject=A".repeat(100) + "&fields=" + distinct(201)),
        TestConnectors.get(SEARCH + "?q=x" + "&sobject=A".repeat(101)),
        TestConnectors.post(
            "/services/data/v66.0/composite/sobjects/Account",
            "{\"ids\":[\"001000000000001\"],\"fields\":[\"" + distinct(2_001) + "\"]}"),
        TestConnectors.get(
            "/services/data/v66.0/sobjects/Account/001000000000001?fields=" + distinct(2_001)),
        graphQlDefaults(),
        graphQlFragments());
  }

  @ParameterizedTest
  @MethodSource("tooMuch")
  void callWhenTheProductOfTwoListsIsTooLargeThenDenied(ConnectorRequest request) {
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> TestConnectors.mounted().call(request))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(MalformedRequestException.Kind.TOO_LARGE));
  }

  @Test
  void callWhenASearchIsLargeAndCanBeCheckedThenUnderstood() {
    assertThat(TestConnectors.mounted().call(search(100, 199)).operations())
        .extracting(Operation::object)
        .containsExactly("a");
  }

  @Test
  void callWhenAReferenceHasManyStepsThenDeniedWithoutRunningOutOfStack() {
    String url = "/services/data/v66.0/sobjects/Account/@{a" + ".b".repeat(7_000) + ".id}";

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(
            () ->
                TestConnectors.mounted()
                    .call(
                        TestConnectors.post(
                            "/services/data/v66.0/composite",
                            "{\"compositeRequest\":[{\"method\":\"GET\",\"referenceId\":\"x\","
                                + "\"url\":\""
                                + url
                                + "\"}]}")));
  }

  static List<String> longLists() {
    return List.of(
        "/search?q=FIND+%7Bx%7D+RETURNING+A(" + "a,".repeat(7_000) + "a)",
        "/search?q=FIND+%7Bx%7D+RETURNING+A(" + "a,".repeat(249) + "a)",
        "/search?q=FIND+%7Bx%7D+RETURNING+" + "A,".repeat(249) + "A",
        "/search?q=FIND+%7Bx%7D+RETURNING+" + "A,".repeat(7_000) + "A",
        "/query?q=SELECT+" + "a,".repeat(7_000) + "a+FROM+A",
        "/query?q=SELECT+a+FROM+A+WHERE+" + "NOT+".repeat(3_500) + "a=1",
        "/query?q=SELECT+a+FROM+A+WHERE+a=1" + "+AND+a=1".repeat(1_800),
        "/query?q=SELECT+a+FROM+A+WHERE+a+IN+(" + "1,".repeat(7_000) + "1)",
        "/query?q=SELECT+a+FROM+A+ORDER+BY+" + "a,".repeat(7_000) + "a",
        "/query?q=SELECT+a" + ".a".repeat(7_000) + "+FROM+A");
  }

  /** An event loop has a stack of 1 MiB; what runs out of it is no denial. */
  @ParameterizedTest
  @MethodSource("longLists")
  void callWhenAListIsLongThenUnderstoodOrDeniedOnHalfTheStackOfAnEventLoop(String target)
      throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable call =
        () -> {
          try {
            TestConnectors.mounted().call(TestConnectors.get("/services/data/v66.0" + target));
          } catch (Throwable e) {
            failure.set(e);
          }
        };
    Thread thread = new Thread(null, call, "small-stack", 512 * 1024);
    thread.start();
    thread.join();

    assertThat(failure.get())
        .satisfiesAnyOf(
            none -> assertThat(none).isNull(),
            denied -> assertThat(denied).isInstanceOf(MalformedRequestException.class));
  }

  @Test
  void spendWhenMoreIsSpentThanAnIntHoldsThenDenied() {
    Budget budget = new Budget(10, "too much");
    budget.spend(10);

    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(() -> budget.spend(Integer.MAX_VALUE))
        .withMessage("too much");
    assertThatExceptionOfType(MalformedRequestException.class).isThrownBy(() -> budget.spend(1));
  }

  private static ConnectorRequest search(int objects, int fields) {
    return TestConnectors.post(
        SEARCH,
        "{\"q\":\"x\",\"fields\":[\""
            + distinct(fields)
            + "\"],\"sobjects\":["
            + repeated("{\"name\":\"A\"}", objects)
            + "]}");
  }

  /** One variable whose default is a list, named again and again. */
  private static ConnectorRequest graphQlDefaults() {
    return graphQl(
        "query q($v: [String] = ["
            + repeated("1", 600)
            + "]) { uiapi { query { Account(after: ["
            + repeated("$v", 100)
            + "]) { edges { node { Id } } } } } }");
  }

  /** One fragment with a long argument, spread again and again. */
  private static ConnectorRequest graphQlFragments() {
    return graphQl(
        "query q { uiapi { query { "
            + "...f ".repeat(100)
            + "} } } fragment f on Q { Account(after: ["
            + repeated("1", 600)
            + "]) { totalCount } }");
  }

  private static ConnectorRequest graphQl(String query) {
    return TestConnectors.post(GRAPHQL, "{\"query\":\"" + query + "\"}");
  }

  private static String distinct(int fields) {
    return IntStream.range(0, fields).mapToObj(i -> "f" + i).collect(Collectors.joining(","));
  }

  private static String repeated(String item, int times) {
    return Stream.generate(() -> item).limit(times).collect(Collectors.joining(","));
  }
}
