// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.VendorCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One request of a corpus and what it must be understood as.
 *
 * @param place file and line, for a failing test
 * @param trap what the request tries, or plainly does
 * @param reason why the expectation is right
 * @param target path and query as they stand on the request line
 * @param body the body's text; empty when there is none
 * @param expected expected operations in order, or one denial
 */
public record RequestCase(
    String place,
    String trap,
    String reason,
    String method,
    String target,
    Headers headers,
    String body,
    Expected expected) {

  private static final String FIELDS = " reads";
  private static final String ROWS = " rows ";

  /** What a connector must say. */
  public sealed interface Expected {
    /** Exactly these operations, in the written form of {@link RequestCorpus}. */
    record Needs(List<String> operations) implements Expected {
      public Needs {
        operations = List.copyOf(operations);
      }
    }

    /**
     * A denial.
     *
     * @param words must stand in the sentence
     */
    record Denied(MalformedRequestException.Kind kind, String words) implements Expected {}
  }

  /** Asks the connector and fails with place, trap and reason when it answers otherwise. */
  public void check(Connector connector) {
    String description = place + ": " + trap + "\n" + reason;
    switch (expected) {
      case Expected.Needs needs ->
          assertThat(written(connector, needs)).as(description).isEqualTo(needs.operations());
      case Expected.Denied denied -> {
        MalformedRequestException denial = denial(connector, description);
        assertThat(denial.kind())
            .as("%s\n%s", description, denial.sentence())
            .isEqualTo(denied.kind);
        assertThat(denial.sentence()).as(description).contains(denied.words);
      }
    }
  }

  private MalformedRequestException denial(Connector connector, String description) {
    List<Operation> operations;
    try {
      operations = ask(connector).operations();
    } catch (MalformedRequestException e) {
      return e;
    }
    throw new AssertionError(description + "\nmust be denied, was understood as " + operations);
  }

  /** As the gateway asks: first with the head alone, then with the body. */
  private VendorCall ask(Connector connector) {
    int query = target.indexOf('?');
    RequestTarget parsed =
        RequestTarget.parseKeepingLineBreaks(
            query < 0 ? target : target.substring(0, query),
            query < 0 ? null : target.substring(query + 1));
    ConnectorRequest head =
        ConnectorRequest.head(
            method, parsed.requireNoLineBreaks(connector.mayBreakLines(parsed)), headers);
    return connector.classify(head).call(body.getBytes(StandardCharsets.UTF_8));
  }

  /** Fields and rows are written out only where the expectation does. */
  private List<String> written(Connector connector, Expected.Needs needs) {
    VendorCall call = ask(connector);
    List<String> written = new ArrayList<>();
    call.uses().forEach(handle -> written.add("uses " + handle.kind() + " " + handle.id()));
    for (Operation operation : call.operations()) {
      String scope = operation.scope("").substring(1);
      int i = written.size();
      String needed = i < needs.operations.size() ? needs.operations.get(i) : scope + FIELDS + ROWS;
      int rows = needed.lastIndexOf(ROWS);
      boolean withFields = (rows < 0 ? needed : needed.substring(0, rows)).contains(" ");
      written.add(
          scope
              + (withFields ? fields(operation.fields()) : "")
              + (rows < 0 ? "" : rows(operation.rows())));
    }
    return written;
  }

  private static String rows(RowBound rows) {
    return ROWS
        + (rows.most().isPresent()
            ? String.valueOf(rows.most().getAsLong())
            : rows.way().isEmpty() ? "unknown" : "unlimited");
  }

  private static String fields(FieldUse fields) {
    return (fields.readsAll() ? " reads *" : list(" reads ", fields.read()))
        + list(" filters ", fields.filtered())
        + list(" writes ", fields.written());
  }

  private static String list(String word, Set<String> names) {
    return names.isEmpty() ? "" : word + String.join(",", new TreeSet<>(names));
  }

  /** For the name of a test. */
  @Override
  public String toString() {
    return place + " " + trap;
  }
}
