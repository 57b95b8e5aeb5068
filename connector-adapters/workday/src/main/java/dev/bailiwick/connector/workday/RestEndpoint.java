// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.VendorCall;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An operation of the table, with the query parameters that choose its rows.
 *
 * @param filters names of parameters other than those for paging and for the answer's form
 * @param content whether the answer is the content of a file and no JSON
 * @param rows how many rows the answer shows
 */
record RestEndpoint(OperationTable.Entry entry, Set<String> filters, boolean content, RowBound rows)
    implements Endpoint {
  static final String LIMIT = "limit";
  private static final Set<String> PAGING = Set.of(LIMIT, "offset");

  /** A parameter that chooses the form of the answer and no row. */
  private static final String SHAPE = "type";

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern WORD = Pattern.compile("\\w{1,80}");

  RestEndpoint {
    filters = Set.copyOf(filters);
  }

  static RestEndpoint of(
      ConnectorRequest request, String service, String version, List<String> path) {
    OperationTable.Entry entry =
        OperationTable.served()
            .find(request.method(), service, version, path, request.target().trailingSlash());
    Set<String> seen = new HashSet<>();
    Set<String> filters = new HashSet<>();
    boolean content = false;
    for (Parameter parameter : request.target().parameters()) {
      String name = parameter.name();
      boolean paging = entry.pages() && PAGING.contains(name);
      if (!paging && !entry.parameters().contains(name)) {
        throw MalformedRequestException.unknown(
            "the parameter "
                + MalformedRequestException.shown(name)
                + " is not known for "
                + entry.object());
      }
      if (!seen.add(name)) {
        throw MalformedRequestException.unknown(
            "the parameter " + name + " is given twice: give it once");
      }
      if (paging) {
        requireForm(parameter, NUMBER);
      } else if (name.equals(SHAPE)) {
        requireForm(parameter, WORD);
        content = true;
      } else {
        filters.add(name);
      }
    }
    RowBound rows = entry.pages() ? RowBound.parameter(request.target(), LIMIT) : RowBound.one();
    return new RestEndpoint(entry, filters, content, rows);
  }

  private static void requireForm(Parameter parameter, Pattern form) {
    if (!form.matcher(parameter.value()).matches()) {
      throw MalformedRequestException.unknown(
          "the parameter " + parameter.name() + " has a value that is not known");
    }
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head, Answers answers) {
    if (!entry.hasBody()) {
      return Classification.withoutBody(call(head, Set.of(), answers));
    }
    return Classification.readingJson(
        head.headers(), body -> call(head, WrittenFields.of(head, body), answers));
  }

  private VendorCall call(ConnectorRequest head, Set<String> written, Answers answers) {
    boolean reads = !entry.action().writes();
    FieldUse fields = new FieldUse(Set.of(), filters, written, reads);
    return new PlainCall(
        head,
        List.of(Operation.of(entry.area(), entry.object(), entry.action(), fields).withRows(rows)),
        content ? AnswerForm.ANY : AnswerForm.JSON,
        answers);
  }
}
