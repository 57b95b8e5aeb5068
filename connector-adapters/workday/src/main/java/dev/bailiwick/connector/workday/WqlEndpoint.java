// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.VendorCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A WQL request. A field that leads to a related business object needs an operation of its own,
 * {@code wql-related/<data source>.<field>}: whoever may read workers has not been given all that
 * workers lead to. How many objects a row leads to is written nowhere, so nothing limits their
 * number.
 *
 * @param post whether the query stands in the body
 */
record WqlEndpoint(boolean post) implements Endpoint {
  private static final String QUERY = "query";
  private static final int MOST_CHAINS = 200;

  static WqlEndpoint of(ConnectorRequest request) {
    boolean post = request.method().equals("POST");
    if (!post && !request.method().equals("GET")) {
      throw MalformedRequestException.unknown("WQL takes GET and POST only");
    }
    RequestTarget target = request.target();
    for (Parameter parameter : target.parameters()) {
      switch (parameter.name()) {
        case "limit", "offset" -> {
          if (!target.single(parameter.name()).orElse("").matches("[0-9]{1,9}")) {
            throw MalformedRequestException.unknown(
                "the parameter " + parameter.name() + " must be a number");
          }
        }
        case QUERY -> {
          if (post) {
            throw MalformedRequestException.unknown(
                "the query stands in the body of a POST, and only there");
          }
        }
        default ->
            throw MalformedRequestException.unknown(
                "the parameter "
                    + MalformedRequestException.shown(parameter.name())
                    + " is not known for WQL");
      }
    }
    return new WqlEndpoint(post);
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head, Answers answers) {
    if (post) {
      return Classification.readingJson(head.headers(), body -> call(head, inBody(body), answers));
    }
    String query =
        head.target()
            .single(QUERY)
            .orElseThrow(() -> MalformedRequestException.unknown("WQL needs the parameter query"));
    return Classification.withoutBody(call(head, query, answers));
  }

  private static String inBody(JsonValue body) {
    if (body instanceof JsonObject object
        && object.members().size() == 1
        && object.members().get(QUERY) instanceof JsonString query) {
      return query.value();
    }
    throw MalformedRequestException.body(
        "the body must be {\"query\": \"SELECT …\"}, nothing more");
  }

  private static VendorCall call(ConnectorRequest head, String query, Answers answers) {
    WqlQuery parsed = WqlQuery.parse(query);
    // Nobody says that the parameter holds where the query stands in a body.
    RowBound rows =
        head.method().equals("GET")
            ? parsed.rows().and(RowBound.parameter(head.target(), RestEndpoint.LIMIT))
            : parsed.rows();
    return new PlainCall(head, operations(parsed, rows), AnswerForm.JSON, answers);
  }

  private static List<Operation> operations(WqlQuery query, RowBound rows) {
    List<Operation> operations = new ArrayList<>();
    operations.add(
        Operation.of(
                "wql",
                query.dataSource(),
                Action.READ,
                new FieldUse(firsts(query.shown()), firsts(query.looked()), Set.of(), false))
            .withRows(rows));
    Map<String, Set<String>> shown = byChain(query.shown());
    Map<String, Set<String>> looked = byChain(query.looked());
    Set<String> chains = new TreeSet<>(shown.keySet());
    chains.addAll(looked.keySet());
    if (chains.size() > MOST_CHAINS) {
      throw MalformedRequestException.tooLarge(
          "the WQL query leads to more than " + MOST_CHAINS + " kinds of related objects");
    }
    for (String chain : chains) {
      operations.add(
          Operation.of(
              "wql-related",
              query.dataSource() + "." + chain,
              Action.READ,
              new FieldUse(
                  shown.getOrDefault(chain, Set.of()),
                  looked.getOrDefault(chain, Set.of()),
                  Set.of(),
                  false)));
    }
    return operations;
  }

  private static Set<String> firsts(Set<String> fields) {
    return fields.stream().map(field -> field.split("\\.", 2)[0]).collect(Collectors.toSet());
  }

  /** The last names of fields of related objects, by the names that lead to them. */
  private static Map<String, Set<String>> byChain(Set<String> fields) {
    Map<String, Set<String>> chains = new HashMap<>();
    for (String field : fields) {
      int dot = field.lastIndexOf('.');
      if (dot > 0) {
        chains
            .computeIfAbsent(field.substring(0, dot), chain -> new HashSet<>())
            .add(field.substring(dot + 1));
      }
    }
    return chains;
  }
}
