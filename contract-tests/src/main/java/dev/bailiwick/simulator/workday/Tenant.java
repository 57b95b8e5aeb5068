// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Secret;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import dev.bailiwick.simulator.SimulatedService;
import dev.bailiwick.simulator.Touches;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lets calls in and finds who answers them, one after the other. Thread-safe. */
final class Tenant implements SimulatedService {
  static final String NAME = "acme";

  private final TokenEndpoint tokens;
  private final Data data;
  private final RestApi rest;
  private final ReportApi reports;
  private final SoapApi soap;
  private Secret password = Secret.of(TokenEndpoint.PASSWORD);

  Tenant(TokenEndpoint tokens, Touches touches) {
    this.tokens = tokens;
    data = new Data(touches);
    rest = new RestApi(data);
    reports = new ReportApi(data);
    soap = new SoapApi(data);
  }

  Data data() {
    return data;
  }

  synchronized void changePassword(String next) {
    password = Secret.of(next);
  }

  @Override
  public synchronized SimulatedAnswer answer(SimulatedCall call) {
    try {
      return routed(call, call.segments());
    } catch (Problem problem) {
      return problem.answer();
    }
  }

  private SimulatedAnswer routed(SimulatedCall call, List<String> path) {
    if (path.equals(List.of("ccx", "oauth2", NAME, "token"))) {
      return tokens.answer(call);
    }
    if (path.size() < 4 || !path.getFirst().equals("ccx")) {
      throw Problem.notFound();
    }
    boolean bearer = call.bearer().filter(tokens::accepts).isPresent();
    if (path.get(1).equals("service") && !path.get(2).equals("customreport2")) {
      requireTenant(path.get(2));
      return soap.answer(call, path.get(3), bearer, this::lets);
    }
    if (!bearer && !basic(call)) {
      throw Problem.notAuthenticated();
    }
    return switch (path.get(1)) {
      case "api" -> api(call, path);
      case "service" -> {
        requireTenant(path.get(3));
        if (path.size() != 6) {
          throw Problem.notFound();
        }
        yield reports.answer(call, path.get(4), path.get(5));
      }
      default -> throw Problem.notFound();
    };
  }

  private SimulatedAnswer api(SimulatedCall call, List<String> path) {
    int at = path.get(2).equals("v1") ? 3 : 4;
    if (path.size() <= at) {
      throw Problem.notFound();
    }
    requireTenant(path.get(at));
    List<String> rest = path.subList(at + 1, path.size());
    if (path.get(2).equals("wql") && rest.equals(List.of("data"))) {
      return wql(call);
    }
    return this.rest.answer(call, "/" + String.join("/", path.subList(0, at + 1)), rest);
  }

  private SimulatedAnswer wql(SimulatedCall call) {
    String query = call.parameter("query").orElse("");
    if (call.method().equals("POST")) {
      try {
        query = JsonMapper.shared().readTree(call.body()).path("query").asString("");
      } catch (JacksonException e) {
        throw new Problem(400, "A205", "invalid request body");
      }
    }
    ArrayNode rows = Wql.run(data, query);
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("total", rows.size());
    ArrayNode page = body.putArray("data");
    int offset = call.number("offset", 0);
    int limit = call.number("limit", 10_000);
    for (int i = offset; i < Math.min(rows.size(), offset + limit); i++) {
      JsonNode row = rows.get(i);
      page.add(row);
    }
    return SimulatedAnswer.json(200, body);
  }

  private static void requireTenant(String written) {
    if (!written.equals(NAME)) {
      throw new Problem(404, "S24", "tenant " + written + " is not on this host");
    }
  }

  private boolean basic(SimulatedCall call) {
    return call.authorization("Basic ")
        .map(coded -> new String(Base64.getDecoder().decode(coded), StandardCharsets.UTF_8))
        .filter(pair -> pair.contains(":") && !pair.endsWith(":"))
        .filter(
            pair ->
                lets(
                    withTenant(pair.substring(0, pair.indexOf(':'))),
                    Secret.of(pair.substring(pair.indexOf(':') + 1))))
        .isPresent();
  }

  /** Beside SOAP the path names the tenant, so that the user need not. */
  private static String withTenant(String user) {
    return user.contains("@") ? user : user + "@" + NAME;
  }

  private boolean lets(String user, Secret given) {
    return user.equals(TokenEndpoint.ISU + "@" + NAME) && given.equals(password);
  }
}
