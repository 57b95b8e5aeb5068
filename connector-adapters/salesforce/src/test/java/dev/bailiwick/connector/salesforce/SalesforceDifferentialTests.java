// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.contract.connector.DifferentialContract;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.Touch;
import dev.bailiwick.simulator.salesforce.SalesforceSimulator;
import dev.bailiwick.simulator.salesforce.SalesforceSimulatorExtension;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;

class SalesforceDifferentialTests extends DifferentialContract {
  private static final String DATA = "/services/data/v66.0";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Map<String, String> IDS =
      Map.of(
          "Account", "001000000000001AAA",
          "Contact", "003000000000001AAA",
          "Opportunity", "006000000000001AAA",
          "Case", "500000000000001AAA",
          "User", "005000000000001AAA",
          "Invoice__c", "a0B000000000001AAA");
  private static final Map<String, String> KEY_PREFIXES =
      Map.of(
          "keyPrefixes",
          "001=Account 003=Contact 005=User 006=Opportunity a0B=Invoice__c 500=Case");

  @RegisterExtension
  final SalesforceSimulatorExtension salesforce = new SalesforceSimulatorExtension();

  private SalesforceSimulator org;
  private Connector connector;
  private Credential credential;

  @BeforeEach
  void connect() throws Exception {
    org = salesforce.get();
    org.dailyLimit(1_000_000);
    org.pageSize(1);
    connector =
        new SalesforceAdapter()
            .connect(
                new ConnectorSettings(
                    "salesforce",
                    org.origin(),
                    URI.create("https://gateway.acme.example/salesforce"),
                    KEY_PREFIXES));
    try (HttpClient client = HttpClient.newHttpClient()) {
      String answer =
          client
              .send(
                  HttpRequest.newBuilder(org.tokenEndpoint())
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(
                          HttpRequest.BodyPublishers.ofString(
                              "grant_type=client_credentials&client_id="
                                  + org.clientId()
                                  + "&client_secret="
                                  + org.clientSecret()))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      credential =
          new Credential.BearerToken(
              Secret.of(JSON.readTree(answer).path("access_token").asString()));
    }
  }

  @Override
  protected Simulator simulator() {
    return org;
  }

  @Override
  protected Connector connector() {
    return connector;
  }

  @Override
  protected Credential credential() {
    return credential;
  }

  @Override
  protected Stream<RequestCase> corpus() {
    return SalesforceCorpusTests.corpus();
  }

  @Override
  protected Set<String> keys() {
    return Set.of("Id");
  }

  @Override
  protected boolean speaksOf(Operation operation, Touch touch) {
    String object = operation.object();
    return switch (operation.family()) {
      case "sobject", "relationship" -> touch.family().equals("sobject") && leadsTo(object, touch);
      case "deleted" -> touch.family().equals("deleted") && leadsTo(object, touch);
      case "file" ->
          leadsTo(object, touch)
              && (touch.family().equals("file")
                  || (touch.family().equals("sobject") && !touch.field().isEmpty()));
      case "ui-api" -> touch.family().equals("sobject");
      case "api" -> object.equals("recent") && touch.field().isEmpty();
      default ->
          operation.family().equals(touch.family()) && object.equalsIgnoreCase(touch.object());
    };
  }

  /** The scope of a long path names every step of it: {@code contact.account.owner}. */
  @Override
  protected boolean names(Operation operation, Touch touch) {
    return super.names(operation, touch) || isOnTheWay(operation, touch);
  }

  private boolean isOnTheWay(Operation operation, Touch touch) {
    List<String> steps = List.of(operation.object().split("\\."));
    return operation.family().equals("relationship")
        && touch.family().equals("sobject")
        && touch.action() == Action.READ
        && IntStream.range(1, steps.size())
            .filter(i -> steps.get(i).equalsIgnoreCase(touch.field()))
            .anyMatch(i -> leadsTo(String.join(".", steps.subList(0, i)), touch));
  }

  /** {@code contact.account.owner} leads to users. */
  private boolean leadsTo(String path, Touch touch) {
    List<String> steps = List.of(path.split("\\."));
    try {
      return org.behind(steps.getFirst(), steps.subList(1, steps.size())).contains(touch.object());
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Override
  protected Generated generate(Random random) {
    QueryMaker queries = new QueryMaker(random);
    Part part = part(random, queries);
    return switch (random.nextInt(15)) {
      case 0 -> Generated.json("POST", DATA + "/composite", composite(random, queries));
      case 1 ->
          Generated.json(
              "POST",
              DATA + "/composite/graph",
              "{\"graphs\":[{\"graphId\":\"g\"," + composite(random, queries).substring(1) + "]}");
      case 2 -> Generated.json("POST", DATA + "/composite/batch", batch(random, queries));
      case 3 ->
          Generated.json(
              "POST", DATA + "/composite/tree/" + queries.cased("Account"), tree(random));
      case 4, 5, 6, 7 -> Generated.get(DATA + query(random, queries));
      case 8 -> Generated.json("POST", DATA + "/graphql", graphQl(random, queries));
      case 9 -> job(random, queries);
      case 10, 11 -> later(random, queries);
      default ->
          part.body().isEmpty()
              ? new Generated(part.method(), DATA + part.path(), "", "")
              : Generated.json(part.method(), DATA + part.path(), part.body());
    };
  }

  /** A job of either kind. */
  private static Generated job(Random random, QueryMaker queries) {
    if (random.nextBoolean()) {
      return Generated.json(
          "POST",
          DATA + "/jobs/query",
          "{\"operation\":\""
              + oneOf(random, List.of("query", "queryAll"))
              + "\",\"query\":\""
              + queries.query().replace("\"", "\\\"")
              + "\"}");
    }
    String operation = oneOf(random, List.of("insert", "update", "upsert", "delete", "hardDelete"));
    return Generated.json(
        "POST",
        DATA + "/jobs/ingest",
        "{\"object\":\""
            + queries.cased("Account")
            + "\",\"operation\":\""
            + operation
            + "\""
            + (operation.equals("upsert") ? ",\"externalIdFieldName\":\"ExternalKey__c\"" : "")
            + "}");
  }

  /** A request that says only which earlier one it goes on with. */
  private Generated later(Random random, QueryMaker queries) {
    List<Handle> handles = handedOut();
    if (handles.isEmpty() || random.nextInt(20) == 0) {
      return Generated.get(DATA + "/query/01g000000000999AAA-1");
    }
    Handle handle = oneOf(random, handles);
    if (handle.kind().equals("locator")) {
      return Generated.get(
          DATA
              + oneOf(random, List.of("/query/", "/queryAll/"))
              + handle.id()
              + "-"
              + random.nextInt(3));
    }
    String ingest = DATA + "/jobs/ingest/" + handle.id();
    return switch (random.nextInt(7)) {
      case 0 -> Generated.get(DATA + "/jobs/query/" + handle.id() + "/results?maxRecords=2");
      case 1 -> Generated.get(DATA + "/jobs/query/" + handle.id());
      case 2, 3 -> new Generated("PUT", ingest + "/batches", "text/csv", rows(random, queries));
      case 4, 5 -> Generated.json("PATCH", ingest, "{\"state\":\"UploadComplete\"}");
      default ->
          Generated.get(
              ingest + oneOf(random, List.of("", "/successfulResults", "/failedResults")));
    };
  }

  private static String rows(Random random, QueryMaker queries) {
    return oneOf(
        random,
        List.of(
            "Name,Phone\nFrom a file,1\n",
            "Id," + queries.cased("Phone") + "\n001000000000001AAA,2\n",
            "ExternalKey__c,Name\nNW-" + random.nextInt(4) + ",Upserted\n",
            "Id\n001000000000002AAA\n"));
  }

  @Override
  protected int leastHandlesUsed() {
    return runs() / 20;
  }

  /** A call of the data API, below the version. */
  private record Part(String method, String path, String body) {}

  private Part part(Random random, QueryMaker queries) {
    String object = oneOf(random, IDS.keySet().stream().sorted().toList());
    String path = "/sobjects/" + queries.cased(object);
    String row = path + "/" + IDS.get(object);
    String values = values(random, queries, object);
    return switch (random.nextInt(16)) {
      case 0 -> new Part("POST", path, values);
      case 1 -> new Part("PATCH", row, values);
      case 2 -> new Part("POST", row + "?_HttpMethod=PATCH", values);
      case 3 -> new Part("GET", row + "?fields=" + queries.path(object), "");
      case 4 -> new Part("GET", row, "");
      case 5 ->
          new Part(
              "PATCH",
              "/sobjects/Account/ExternalKey__c/NW-" + random.nextInt(4),
              values(random, queries, "Account"));
      case 6 ->
          new Part(
              "GET",
              "/sobjects/Contact/"
                  + IDS.get("Contact")
                  + "/"
                  + queries.cased("Account")
                  + "?fields="
                  + queries.path("Account"),
              "");
      case 7 ->
          new Part(
              "GET",
              "/sobjects/Account/" + IDS.get("Account") + "/" + queries.cased("Contacts"),
              "");
      case 8 -> new Part("POST", "/composite/sobjects", records(random, queries, false));
      case 9 -> new Part("PATCH", "/composite/sobjects", records(random, queries, true));
      case 10 ->
          new Part(
              "GET",
              "/composite/sobjects/"
                  + queries.cased(object)
                  + "?ids="
                  + IDS.get(object)
                  + "&fields="
                  + queries.path(object),
              "");
      case 11 -> new Part("GET", query(random, queries), "");
      case 12 -> new Part("GET", "/sobjects/Attachment/00P000000000001AAA/Body", "");
      case 13 ->
          new Part(
              "GET",
              "/ui-api/records/"
                  + IDS.get(object)
                  + "?fields="
                  + object
                  + ".Id,"
                  + object
                  + ".CreatedDate",
              "");
      case 14 -> new Part("GET", "/tooling/executeAnonymous?anonymousBody=x", "");
      default ->
          new Part(
              "GET",
              oneOf(
                  random,
                  List.of(
                      "/limits",
                      "/sobjects",
                      path + "/describe",
                      path,
                      "/recent",
                      path + "/deleted?start=a&end=b")),
              "");
    };
  }

  private static String query(Random random, QueryMaker queries) {
    if (random.nextInt(10) == 0) {
      return "/search?q="
          + encoded(
              random,
              "FIND {nor*} IN ALL FIELDS RETURNING Account("
                  + queries.path("Account")
                  + " WHERE "
                  + queries.path("Account")
                  + " != null), Contact");
    }
    String resource = oneOf(random, List.of("/query", "/query", "/query/", "/queryAll"));
    String parameter = random.nextInt(12) == 0 ? "explain" : "q";
    return resource + "?" + parameter + "=" + encoded(random, queries.query());
  }

  /** Spaces as plus or as %20, and now and then a letter that needs no encoding encoded. */
  private static String encoded(Random random, String query) {
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    encoded = random.nextBoolean() ? encoded.replace("+", "%20") : encoded;
    return random.nextInt(3) == 0 ? encoded.replace("F", "%46").replace("o", "%6F") : encoded;
  }

  private static String values(Random random, QueryMaker queries, String object) {
    String nested =
        object.equals("Contact") && random.nextBoolean()
            ? ",\"Account\":{\"ExternalKey__c\":\"NW-1\"}"
            : "";
    String name = object.equals("Contact") || object.equals("User") ? "LastName" : "Name";
    String required = object.equals("Case") ? "Subject" : name;
    return "{\""
        + queries.cased(required)
        + "\":\"x\",\"CreatedDate\":\"2026-11-24T00:00:00.000+0000\""
        + nested
        + "}";
  }

  private static String records(Random random, QueryMaker queries, boolean withId) {
    return "{\"records\":["
        + IntStream.range(0, 1 + random.nextInt(3))
            .mapToObj(
                i -> {
                  String object = oneOf(random, IDS.keySet().stream().sorted().toList());
                  String id = withId ? ",\"id\":\"" + IDS.get(object) + "\"" : "";
                  return "{\"attributes\":{\"type\":\""
                      + queries.cased(object)
                      + "\"}"
                      + id
                      + ","
                      + values(random, queries, object).substring(1);
                })
            .collect(Collectors.joining(","))
        + "]}";
  }

  private static String tree(Random random) {
    String leaf =
        "{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"c\"},\"LastName\":\"Leaf\"}";
    return "{\"records\":[{\"attributes\":{\"type\":\"account\",\"referenceId\":\"a\"},\"Name\":\"Tree\""
        + (random.nextBoolean() ? ",\"Contacts\":{\"records\":[" + leaf + "]}" : "")
        + (random.nextBoolean()
            ? ",\"Cases\":{\"records\":[{\"attributes\":{\"type\":\"Case\",\"referenceId\":\"d\"},\"Subject\":\"x\"}]}"
            : "")
        + "}]}";
  }

  private String composite(Random random, QueryMaker queries) {
    StringBuilder parts = new StringBuilder();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Part part = part(random, queries);
      String path = part.path();
      if (i > 0 && random.nextInt(3) == 0) {
        path =
            oneOf(
                random,
                List.of(
                    "/sobjects/Account/@{r0.id}",
                    "/sobjects/User/@{r0.OwnerId}",
                    "/sobjects/@{r0.attributes.type}/@{r0.Id}",
                    "/query?q=SELECT+Id+FROM+@{r0.attributes.type}",
                    "/query?q=SELECT+Id+FROM+Account+WHERE+Id='@{r0.id}'"));
        part = new Part("GET", path, "");
      }
      parts
          .append(i == 0 ? "" : ",")
          .append("{\"method\":\"")
          .append(part.method())
          .append("\",\"url\":\"")
          .append(DATA)
          .append(path)
          .append("\",\"referenceId\":\"r")
          .append(i)
          .append('"')
          .append(part.body().isEmpty() ? "" : ",\"body\":" + part.body())
          .append('}');
    }
    return "{\"compositeRequest\":[" + parts + "]}";
  }

  private String batch(Random random, QueryMaker queries) {
    return "{\"batchRequests\":["
        + IntStream.range(0, 1 + random.nextInt(4))
            .mapToObj(
                i -> {
                  Part part = part(random, queries);
                  return "{\"method\":\""
                      + part.method()
                      + "\",\"url\":\"v66.0"
                      + part.path()
                      + "\""
                      + (part.body().isEmpty() ? "" : ",\"richInput\":" + part.body())
                      + "}";
                })
            .collect(Collectors.joining(","))
        + "]}";
  }

  private static String graphQl(Random random, QueryMaker queries) {
    String where =
        oneOf(
            random,
            List.of(
                "",
                "(where: {Name: {like: \\\"%o%\\\"}})",
                "(where: {Owner: {Email: {ne: \\\"x\\\"}}}, first: 2)",
                "(where: {or: [{Industry: {eq: \\\"Media\\\"}}, {Phone: {ne: null}}]})",
                "(orderBy: {AnnualRevenue: {order: DESC}})"));
    String node =
        oneOf(
            random,
            List.of(
                "Id Name { value }",
                "Id alias: Phone { value } Owner { Email { value } Manager { Name { value } } }",
                "Contacts { edges { node { Title { value } Owner { Name { value } } } } }",
                "...F"));
    String query =
        "query { uiapi { query { a: Account"
            + where
            + " { edges { node { "
            + node
            + " } } totalCount } } } }"
            + (node.equals("...F") ? " fragment F on Account { Website { value } }" : "");
    if (random.nextInt(4) == 0) {
      query =
          "mutation { uiapi { AccountUpdate(input: {Id: \\\"001000000000001AAA\\\", Account: {Name: \\\"x\\\"}})"
              + " { Record { Id Phone { value } } } } }";
    }
    return "{\"query\":\"" + query + "\"}";
  }

  private static <T> T oneOf(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
