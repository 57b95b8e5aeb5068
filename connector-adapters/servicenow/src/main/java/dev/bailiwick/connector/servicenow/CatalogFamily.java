// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
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
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    Act act = act(head.method(), path);
    RequestTarget target = head.target();
    KnownParameters.check(target, Map.of(), "the service catalog");
    return switch (act) {
      case ORDER -> {
        String item = path.sysId(2).toLowerCase(Locale.ROOT);
        yield Classification.readingJson(
            head.headers(), body -> call(target, item, Action.EXECUTE, ordered(body)));
      }
      case SUBMIT_CART -> cart(target, Action.EXECUTE, FieldUse.none());
      case READ_CART -> cart(target, Action.READ, FieldUse.all());
    };
  }

  private static Classification<Call> cart(RequestTarget target, Action action, FieldUse fields) {
    return Classification.withoutBody(call(target, "cart", action, fields));
  }

  private static Call call(RequestTarget target, String object, Action action, FieldUse fields) {
    return Call.of(List.of(Operation.of(FAMILY, object, action, fields)), target);
  }

  private static Act act(String method, ApiPath path) {
    List<String> rest = path.rest();
    if (!rest.isEmpty() && rest.getFirst().equals("servicecatalog") && !path.trailingSlash()) {
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
    throw MalformedRequestException.unknown(
        "of the service catalog family, only items/<sys_id>/order_now, items/<sys_id>/add_to_cart,"
            + " cart, cart/submit_order and cart/checkout are known");
  }

  /** The variables that an order sets; {@code requested_for} stands for whom it is. */
  private static FieldUse ordered(JsonValue order) {
    if (!(order instanceof JsonObject body)) {
      throw MalformedRequestException.body("an order is one JSON object");
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
                    throw MalformedRequestException.body(
                        "an order holds "
                            + VARIABLES
                            + ", "
                            + QUANTITY
                            + " and "
                            + REQUESTED_FOR
                            + " only, found "
                            + MalformedRequestException.shown(name));
              }
            });
    return new FieldUse(Set.of(), Set.of(), fields, false);
  }

  private static Set<String> variables(JsonValue value) {
    if (!(value instanceof JsonObject variables)) {
      throw MalformedRequestException.body(VARIABLES + " must be a JSON object");
    }
    variables
        .members()
        .forEach(
            (name, content) -> {
              if (!VARIABLE.matcher(name).matches()) {
                throw MalformedRequestException.body("a variable has a name that is not known");
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
      throw MalformedRequestException.body(QUANTITY + " must be a number from 1 to 9999");
    }
  }
}
