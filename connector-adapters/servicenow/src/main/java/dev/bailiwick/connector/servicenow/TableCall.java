// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Table API request, understood whole.
 *
 * @param written the fields that the body sets; empty for requests without one
 */
record TableCall(
    TableEndpoint endpoint,
    TableAction action,
    TableParameters parameters,
    Set<FieldName> written) {
  private static final String TABLE = "table";
  private static final String DOTWALK = "dotwalk";

  /** Understands a request whose body is read. */
  static TableCall of(ConnectorRequest request) {
    TableEndpoint endpoint = TableEndpoint.of(request.target());
    TableAction action = TableAction.of(request.method(), endpoint);
    TableParameters parameters = TableParameters.of(request.target(), action);
    if (!action.hasBody() && request.body().length > 0) {
      throw Denials.body(request.method() + " takes no body here: send none");
    }
    return new TableCall(
        endpoint,
        action,
        parameters,
        action.hasBody() ? WrittenFields.of(request, action) : Set.of());
  }

  /** Everything that the call does upstream, the call on the table itself first. */
  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    switch (action) {
      case LIST, READ -> operations.add(onTable(Action.READ, shown()));
      case CREATE -> operations.add(onTable(Action.CREATE, set()));
      case UPDATE -> operations.add(onTable(Action.UPDATE, set()));
      case DELETE -> operations.add(onTable(Action.DELETE, FieldUse.none()));
    }
    if (action.hasBody() && parameters.fields().isPresent()) {
      operations.add(onTable(Action.READ, shown()));
    }
    operations.addAll(walks());
    if (parameters.displayValues()) {
      operations.add(
          Operation.of(DOTWALK, endpoint.table() + ".display_value", Action.READ, FieldUse.none()));
    }
    if (parameters.crossesDomains()) {
      operations.add(onTable(Action.ADMIN, FieldUse.none()));
    }
    return List.copyOf(operations);
  }

  private Operation onTable(Action verb, FieldUse fields) {
    return Operation.of(TABLE, endpoint.table(), verb, fields);
  }

  private FieldUse shown() {
    return new FieldUse(
        firsts(parameters.fields().orElse(Set.of())),
        firsts(parameters.filtered()),
        Set.of(),
        parameters.fields().isEmpty());
  }

  private FieldUse set() {
    return new FieldUse(Set.of(), Set.of(), firsts(written), false);
  }

  private static Set<String> firsts(Set<FieldName> fields) {
    return fields.stream().map(FieldName::first).collect(Collectors.toSet());
  }

  /** One operation for each chain of references that is read or filtered through, or written. */
  private List<Operation> walks() {
    Set<FieldName> read = parameters.fields().orElse(Set.of());
    Set<FieldName> filtered = parameters.filtered();
    Map<String, Operation> walks = new TreeMap<>();
    for (String chain : chains(Stream.concat(read.stream(), filtered.stream()))) {
      walks.put(
          chain + " read",
          walk(
              chain,
              Action.READ,
              new FieldUse(lasts(read, chain), lasts(filtered, chain), Set.of(), false)));
    }
    for (String chain : chains(written.stream())) {
      walks.put(
          chain + " update",
          walk(
              chain,
              Action.UPDATE,
              new FieldUse(Set.of(), Set.of(), lasts(written, chain), false)));
    }
    return List.copyOf(walks.values());
  }

  private Operation walk(String chain, Action verb, FieldUse fields) {
    return Operation.of(DOTWALK, endpoint.table() + "." + chain, verb, fields);
  }

  private static Set<String> chains(Stream<FieldName> fields) {
    return fields
        .filter(FieldName::walks)
        .map(FieldName::references)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> lasts(Set<FieldName> fields, String chain) {
    Predicate<FieldName> onChain = field -> field.walks() && field.references().equals(chain);
    return fields.stream().filter(onChain).map(FieldName::last).collect(Collectors.toSet());
  }

  /**
   * The target that is sent. A write is answered with the whole record unless it says otherwise, so
   * one that does not say is narrowed to what it wrote: a grant to update is no grant to read.
   */
  RequestTarget sent(RequestTarget target) {
    RequestTarget canonical = endpoint.canonical(target);
    if (!action.hasBody() || parameters.fields().isPresent()) {
      return canonical;
    }
    String fields =
        Stream.concat(Stream.of("sys_id"), written.stream().map(FieldName::text))
            .distinct()
            .collect(Collectors.joining(","));
    List<Parameter> parameters = new ArrayList<>(canonical.parameters());
    parameters.add(new Parameter(TableParameters.FIELDS, fields));
    return new RequestTarget(canonical.segments(), parameters, false);
  }
}
