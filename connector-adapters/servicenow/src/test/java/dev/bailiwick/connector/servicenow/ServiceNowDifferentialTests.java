// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.DifferentialContract;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.Touch;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulator;
import dev.bailiwick.simulator.servicenow.ServiceNowSimulatorExtension;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServiceNowDifferentialTests extends DifferentialContract {
  private static final String INCIDENT = "c1000000000000000000000000000001";
  private static final List<String> FIELDS =
      List.of(
          "number",
          "state",
          "priority",
          "short_description",
          "caller_id",
          "caller_id.email",
          "caller_id.manager.name",
          "assigned_to.phone",
          "assignment_group.manager.email");

  @RegisterExtension
  final ServiceNowSimulatorExtension servicenow = new ServiceNowSimulatorExtension();

  private ServiceNowSimulator instance;
  private Connector connector;

  @BeforeEach
  void connect() {
    instance = servicenow.get();
    connector =
        new ServiceNowAdapter()
            .connect(
                new ConnectorSettings(
                    "servicenow",
                    instance.origin(),
                    URI.create("https://gateway.acme.example/servicenow"),
                    Map.of("scriptedRest", "/api/x_acme_app/v1/orders")));
  }

  @Override
  protected Simulator simulator() {
    return instance;
  }

  @Override
  protected Connector connector() {
    return connector;
  }

  @Override
  protected Credential credential() {
    return new Credential.ApiKey("x-sn-apikey", Secret.of(instance.apiKey()));
  }

  @Override
  protected Stream<RequestCase> corpus() {
    return ServiceNowCorpusTests.corpus();
  }

  @Override
  protected Set<String> keys() {
    return Set.of("sys_id");
  }

  @Override
  protected boolean speaksOf(Operation operation, Touch touch) {
    String object = operation.object();
    return switch (operation.family()) {
      case "dotwalk" -> touch.family().equals("table") && leadsTo(object, touch.object());
      case "attachment" ->
          touch.family().equals("attachment")
              ? object.equals(touch.object())
              : touch.object().equals("sys_attachment");
      default -> operation.family().equals(touch.family()) && object.equals(touch.object());
    };
  }

  /** The scope of a long path names every step of it, and display values are of any reference. */
  @Override
  protected boolean names(Operation operation, Touch touch) {
    if (super.names(operation, touch)) {
      return true;
    }
    if (!operation.family().equals("dotwalk") || touch.action() != Action.READ) {
      return false;
    }
    List<String> steps = List.of(operation.object().split("\\."));
    boolean onTheWay =
        IntStream.range(1, steps.size())
            .filter(i -> steps.get(i).equals(touch.field()))
            .anyMatch(i -> leadsTo(String.join(".", steps.subList(0, i)), touch.object()));
    boolean display =
        steps.getLast().equals("display_value")
            && List.of("name", "number").contains(touch.field());
    return onTheWay || display;
  }

  private boolean leadsTo(String path, String table) {
    List<String> steps = List.of(path.split("\\."));
    return instance
        .behind(steps.getFirst(), steps.subList(1, steps.size()))
        .filter(table::equals)
        .isPresent();
  }

  @Override
  protected Generated generate(Random random) {
    if (random.nextInt(4) == 0) {
      return Generated.json("POST", "/api/now/v1/batch", batch(random));
    }
    return one(random);
  }

  private Generated one(Random random) {
    String base =
        oneOf(random, List.of("/api/now/table/", "/api/now/v1/table/", "/api/now/v2/table/"));
    String table = oneOf(random, List.of("incident", "Incident", "sys_user", "sys_user_group"));
    String row = base + "incident/" + INCIDENT;
    return switch (random.nextInt(11)) {
      case 0, 1, 2 -> Generated.get(base + table + "?" + parameters(random));
      case 3 -> Generated.get(row + "?" + parameters(random));
      case 4 -> Generated.json("POST", base + "incident" + shown(random), values(random));
      case 5 ->
          Generated.json(
              oneOf(random, List.of("PATCH", "PUT")), row + shown(random), values(random));
      case 6 -> new Generated("DELETE", base + "problem/" + INCIDENT, "", "");
      case 7 ->
          Generated.get(
              "/api/now/stats/incident?sysparm_count=true&sysparm_group_by="
                  + oneOf(random, FIELDS)
                  + "&sysparm_max_fields="
                  + oneOf(random, FIELDS)
                  + "&sysparm_query="
                  + encoded(query(random)));
      case 8 -> Generated.get("/api/now/attachment?sysparm_query=" + encoded("file_name=a"));
      case 9 -> Generated.json("POST", "/api/now/import/u_staging", "{\"u_name\":\"x\"}");
      default ->
          oneOf(
              random,
              List.of(
                  Generated.json(
                      "POST",
                      "/api/sn_sc/servicecatalog/items/d1000000000000000000000000000001/order_now",
                      "{}"),
                  Generated.get(
                      "/api/now/table/incident?sysparm_query=numberDYNAMICjavascript:gs.now()"),
                  Generated.json("POST", "/api/x_acme_app/v1/orders", "{}")));
    };
  }

  private static String parameters(Random random) {
    StringBuilder parameters = new StringBuilder("sysparm_limit=3");
    if (random.nextBoolean()) {
      parameters.append("&sysparm_query=").append(encoded(query(random)));
    }
    if (random.nextBoolean()) {
      parameters.append("&sysparm_fields=").append(fields(random));
    }
    if (random.nextInt(3) == 0) {
      parameters
          .append("&sysparm_display_value=")
          .append(oneOf(random, List.of("true", "all", "false")));
    }
    return parameters.toString();
  }

  private static String shown(Random random) {
    return random.nextInt(3) == 0 ? "?sysparm_fields=" + fields(random) : "";
  }

  private static String fields(Random random) {
    return IntStream.range(0, 1 + random.nextInt(3))
        .mapToObj(i -> oneOf(random, FIELDS))
        .distinct()
        .collect(Collectors.joining(","));
  }

  private static String query(Random random) {
    StringBuilder query = new StringBuilder(condition(random));
    for (int more = random.nextInt(3); more > 0; more--) {
      query.append(oneOf(random, List.of("^", "^OR", "^NQ"))).append(condition(random));
    }
    if (random.nextInt(3) == 0) {
      query
          .append(oneOf(random, List.of("^ORDERBY", "^ORDERBYDESC")))
          .append(oneOf(random, FIELDS));
    }
    return query.toString();
  }

  private static String condition(Random random) {
    return oneOf(random, FIELDS)
        + oneOf(random, List.of("=1", "!=1", "LIKEo", "STARTSWITHI", "IN1,2", "ISNOTEMPTY"));
  }

  private static String values(Random random) {
    String walk = random.nextInt(3) == 0 ? ",\"caller_id.title\":\"x\"" : "";
    return "{\"state\":\"2\",\"short_description\":\"x\"" + walk + "}";
  }

  private String batch(Random random) {
    return "{\"batch_request_id\":\"b\",\"rest_requests\":["
        + IntStream.range(0, 1 + random.nextInt(4))
            .mapToObj(i -> inner(i, one(random), random))
            .collect(Collectors.joining(","))
        + "]}";
  }

  private static String inner(int id, Generated request, Random random) {
    String method =
        random.nextInt(20) == 0 ? request.method().toLowerCase(Locale.ROOT) : request.method();
    String body =
        request.body().isEmpty()
            ? ""
            : ",\"headers\":[{\"name\":\"Content-Type\",\"value\":\"application/json\"}],\"body\":\""
                + Base64.getEncoder()
                    .encodeToString(request.body().getBytes(StandardCharsets.UTF_8))
                + "\"";
    return "{\"id\":\""
        + id
        + "\",\"method\":\""
        + method
        + "\",\"url\":\""
        + request.target()
        + "\""
        + body
        + "}";
  }

  private static String encoded(String query) {
    return URLEncoder.encode(query, StandardCharsets.UTF_8);
  }

  private static <T> T oneOf(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
