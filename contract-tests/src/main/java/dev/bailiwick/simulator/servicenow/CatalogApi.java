// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** {@code /api/sn_sc/servicecatalog}: items, a cart of the session's user, and orders. */
final class CatalogApi {
  private static final String ITEMS = "sc_cat_item";
  private static final String CART = "sc_cart_item";
  private static final String REQUESTS = "sc_request";

  private final Tables tables;

  CatalogApi(Tables tables) {
    this.tables = tables;
  }

  SimulatedAnswer answer(SimulatedCall call, List<String> path) {
    if (path.size() < 2 || !path.getFirst().equals("servicecatalog")) {
      return unknown(call);
    }
    return switch (call.method() + " " + path.get(1) + " " + path.size()) {
      case "GET items 2" -> Answers.result(200, Answers.JSON.valueToTree(tables.all(ITEMS)));
      case "GET items 3" -> item(path.get(2));
      case "POST items 4" -> ordered(path.get(2), path.get(3));
      case "GET cart 2" -> {
        tables.touches().on("catalog", "cart", Action.READ);
        yield Answers.result(200, Answers.JSON.valueToTree(tables.all(CART)));
      }
      case "POST cart 3" -> submitted();
      default -> unknown(call);
    };
  }

  private SimulatedAnswer item(String sysId) {
    return tables
        .find(ITEMS, sysId)
        .map(row -> Answers.result(200, Answers.JSON.valueToTree(row)))
        .orElseGet(() -> Answers.error(404, "No Record found", ""));
  }

  private SimulatedAnswer ordered(String written, String verb) {
    String sysId = written.toLowerCase(Locale.ROOT);
    if (tables.find(ITEMS, sysId).isEmpty()) {
      return Answers.error(404, "No Record found", "");
    }
    tables.touches().on("catalog", sysId, Action.EXECUTE);
    if (verb.equals("add_to_cart")) {
      var unused = tables.insert(CART, Map.of("cat_item", sysId));
      return Answers.result(200, Answers.JSON.valueToTree(tables.all(CART)));
    }
    return Answers.result(200, request());
  }

  private SimulatedAnswer submitted() {
    tables.touches().on("catalog", "cart", Action.EXECUTE);
    tables.all(CART).forEach(row -> tables.delete(CART, row.getOrDefault("sys_id", "")));
    return Answers.result(200, request());
  }

  private ObjectNode request() {
    int number = 10_001 + tables.all(REQUESTS).size();
    Map<String, String> row = tables.insert(REQUESTS, Map.of("number", "REQ00" + number));
    return Answers.JSON
        .createObjectNode()
        .put("sys_id", row.get("sys_id"))
        .put("number", row.get("number"))
        .put("request_number", row.get("number"))
        .put("request_id", row.get("sys_id"))
        .put("table", REQUESTS);
  }

  private static SimulatedAnswer unknown(SimulatedCall call) {
    return Answers.error(400, "Requested URI does not represent any resource", call.path());
  }
}
