// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Orders from the service catalog. Ordering runs a workflow that cannot be seen from here, so it is
 * to execute the item. The cart is that of the stored credential's user: every agent with this
 * credential shares it.
 */
final class CatalogFamily implements Family {
  private static final String FAMILY = "catalog";
  private static final String VARIABLES = "variables";
  private static final String QUANTITY = "sysparm_quantity";
  private static final String REQUESTED_FOR = "sysparm_requested_for";
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,79}");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,3}");

  private enum Act {
    ORDER,
    SUBMIT_CART,
    READ_CART
  }

  @Override
  public boolean owns(ApiPath path) {
    return path.namespace().equals("sn_sc");
  }

  @Override
  public BodyUse bodyUse(ConnectorRequest head) {
    return act(head) == Act.ORDER ? Family.json(head) : BodyUse.NONE;
  }

  private static Act act(ConnectorRequest request) {
    ApiPath path = ApiPath.of(request.target());
    List<String> rest = path.rest();
    String method = request.method();
    if (rest.getFirst().equals("servicecatalog") && !path.trailingSlash()) {
      if (method.equals("POST")
          && rest.size() == 4
          && rest.get(1).equals("items")
          && Set.of("order_now", "add_to_cart").contains(rest.get(3))) {
        var unused = path.sysId(2);
        return Act.ORDER;
      }
      if (method.equals("POST")
          && rest.size() == 3
          && rest.get(1).equals("cart")
          && Set.of("submit_order", "checkout").contains(rest.get(2))) {
        return Act.SUBMIT_CART;
      }
      if (method.equals("GET") && rest.size() == 2 && rest.get(1).equals("cart")) {
        return Act.READ_CART;
      }
    }
    throw Denials.unknown(
        "of the service catalog family, only items/<sys_id>/order_now, items/<sys_id>/add_to_cart,"
            + " cart, cart/submit_order and cart/checkout are known");
  }

  @Override
  public Call call(ConnectorRequest request) {
    KnownParameters.check(request.target(), Map.of(), "the service catalog");
    Operation operation =
        switch (act(request)) {
          case ORDER ->
              Operation.of(
                  FAMILY,
                  ApiPath.of(request.target()).sysId(2).toLowerCase(Locale.ROOT),
                  Action.EXECUTE,
                  ordered(request));
          case SUBMIT_CART -> Operation.of(FAMILY, "cart", Action.EXECUTE, FieldUse.none());
          case READ_CART -> Operation.of(FAMILY, "cart", Action.READ, FieldUse.all());
        };
    return Call.of(List.of(operation), request.target());
  }

  /** The variables that an order sets; {@code requested_for} stands for whom it is. */
  private static FieldUse ordered(ConnectorRequest request) {
    if (!(JsonBody.read(request) instanceof JsonObject body)) {
      throw Denials.body("an order is one JSON object");
    }
    Set<String> fields = new HashSet<>();
    body.members()
        .forEach(
            (name, value) -> {
              switch (name) {
                case VARIABLES -> fields.addAll(variables(value));
                case QUANTITY -> requireCount(value);
                case REQUESTED_FOR -> {
                  WrittenFields.requirePlain(REQUESTED_FOR, value);
                  fields.add("requested_for");
                }
                default ->
                    throw Denials.body(
                        "an order holds "
                            + VARIABLES
                            + ", "
                            + QUANTITY
                            + " and "
                            + REQUESTED_FOR
                            + " only, found "
                            + Denials.shown(name));
              }
            });
    return new FieldUse(Set.of(), Set.of(), fields, false);
  }

  private static Set<String> variables(JsonValue value) {
    if (!(value instanceof JsonObject variables)) {
      throw Denials.body(VARIABLES + " must be a JSON object");
    }
    variables
        .members()
        .forEach(
            (name, content) -> {
              if (!VARIABLE.matcher(name).matches()) {
                throw Denials.body("a variable has a name that is not known");
              }
              WrittenFields.requirePlain(name, content);
            });
    return variables.members().keySet();
  }

  private static void requireCount(JsonValue value) {
    String text =
        value instanceof JsonString string
            ? string.value()
            : value instanceof JsonNumber number ? number.text() : "";
    if (!COUNT.matcher(text).matches()) {
      throw Denials.body(QUANTITY + " must be a number from 1 to 9999");
    }
  }
}
