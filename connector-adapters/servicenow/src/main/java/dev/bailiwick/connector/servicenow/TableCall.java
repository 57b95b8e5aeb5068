// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  /**
   * This call as one of a family.
   *
   * @param target the target in its normal form
   */
  Call at(RequestTarget target) {
    return Call.of(operations(), sent(target));
  }

  /** Everything that the call does upstream, the call on the table itself first. */
  private List<Operation> operations() {
    TableUse use =
        new TableUse(
            endpoint.table(),
            parameters.fields().orElse(Set.of()),
            parameters.filtered(),
            written,
            parameters.fields().isEmpty(),
            parameters.rows());
    List<Operation> operations = new ArrayList<>();
    switch (action) {
      case LIST, READ -> operations.add(use.reading());
      case CREATE -> operations.add(use.writing(Action.CREATE));
      case UPDATE -> operations.add(use.writing(Action.UPDATE));
      case DELETE -> operations.add(use.writing(Action.DELETE));
    }
    if (action.hasBody() && parameters.fields().isPresent()) {
      operations.add(use.reading());
    }
    operations.addAll(use.walks());
    if (parameters.view() && !action.hasBody()) {
      operations.add(use.view());
    }
    if (parameters.displayValues()) {
      operations.add(use.displayValues());
    }
    if (parameters.crossesDomains()) {
      operations.add(use.on(Action.ADMIN, FieldUse.none()));
    }
    return operations;
  }

  /**
   * The target that is sent. A write is answered with the whole record unless it says otherwise, so
   * one that does not say is narrowed to what it wrote: a grant to update is no grant to read.
   */
  private RequestTarget sent(RequestTarget target) {
    if (!action.hasBody() || parameters.fields().isPresent()) {
      return target;
    }
    String fields =
        Stream.concat(Stream.of("sys_id"), written.stream().map(FieldName::text))
            .distinct()
            .collect(Collectors.joining(","));
    List<Parameter> narrowed = new ArrayList<>(target.parameters());
    narrowed.add(new Parameter(TableParameters.FIELDS, fields));
    return new RequestTarget(target.segments(), narrowed, false);
  }
}
