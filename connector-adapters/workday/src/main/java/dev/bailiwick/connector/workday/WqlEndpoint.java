// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A WQL request. A field that leads to a related business object needs an operation of its own,
 * {@code wql-related/<data source>.<field>}: whoever may read workers has not been given all that
 * workers lead to.
 *
 * @param post whether the query stands in the body
 */
record WqlEndpoint(boolean post) implements Endpoint {
  private static final String QUERY = "query";

  static WqlEndpoint of(ConnectorRequest request) {
    boolean post = request.method().equals("POST");
    if (!post && !request.method().equals("GET")) {
      throw Denials.unknown("WQL takes GET and POST only");
    }
    RequestTarget target = request.target();
    for (Parameter parameter : target.parameters()) {
      switch (parameter.name()) {
        case "limit", "offset" -> {
          if (!target.single(parameter.name()).orElse("").matches("[0-9]{1,9}")) {
            throw Denials.unknown("the parameter " + parameter.name() + " must be a number");
          }
        }
        case QUERY -> {
          if (post) {
            throw Denials.unknown("the query stands in the body of a POST, and only there");
          }
        }
        default ->
            throw Denials.unknown(
                "the parameter " + Denials.shown(parameter.name()) + " is not known for WQL");
      }
    }
    return new WqlEndpoint(post);
  }

  @Override
  public BodyUse bodyUse(Headers headers) {
    if (!post) {
      return BodyUse.NONE;
    }
    JsonBody.requireJson(headers);
    return BodyUse.READ;
  }

  @Override
  public List<Operation> operations(ConnectorRequest request) {
    WqlQuery query = WqlQuery.parse(text(request));
    List<Operation> operations = new ArrayList<>();
    operations.add(
        Operation.of(
            "wql",
            query.dataSource(),
            Action.READ,
            new FieldUse(firsts(query.shown()), firsts(query.looked()), Set.of(), false)));
    for (String chain : chains(query)) {
      operations.add(
          Operation.of(
              "wql-related",
              query.dataSource() + "." + chain,
              Action.READ,
              new FieldUse(
                  lasts(query.shown(), chain), lasts(query.looked(), chain), Set.of(), false)));
    }
    return List.copyOf(operations);
  }

  private String text(ConnectorRequest request) {
    if (!post) {
      return request
          .target()
          .single(QUERY)
          .orElseThrow(() -> Denials.unknown("WQL needs the parameter query"));
    }
    if (JsonBody.read(request) instanceof JsonObject object
        && object.members().size() == 1
        && object.members().get(QUERY) instanceof JsonString query) {
      return query.value();
    }
    throw Denials.body("the body must be {\"query\": \"SELECT …\"}, nothing more");
  }

  private static Set<String> firsts(Set<String> fields) {
    return fields.stream().map(field -> field.split("\\.", 2)[0]).collect(Collectors.toSet());
  }

  private static Set<String> chains(WqlQuery query) {
    return Stream.concat(query.shown().stream(), query.looked().stream())
        .filter(field -> field.indexOf('.') > 0)
        .map(field -> field.substring(0, field.lastIndexOf('.')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> lasts(Set<String> fields, String chain) {
    return fields.stream()
        .filter(field -> field.indexOf('.') > 0)
        .filter(field -> field.substring(0, field.lastIndexOf('.')).equals(chain))
        .map(field -> field.substring(field.lastIndexOf('.') + 1))
        .collect(Collectors.toSet());
  }

  @Override
  public AnswerForm answerForm() {
    return AnswerForm.JSON;
  }
}
