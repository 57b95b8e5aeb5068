// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import dev.bailiwick.simulator.SimulatedService;
import dev.bailiwick.simulator.Touch;
import dev.bailiwick.simulator.Touches;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Lets calls in, counts them, and has them answered one after the other. Thread-safe. */
final class Org implements SimulatedService {
  private final TokenEndpoint tokens;
  private final Touches touches;
  private final UsageLimits limits = new UsageLimits();
  private final Records records;
  private final DataApi data;
  private String session = "";

  Org(TokenEndpoint tokens, Touches touches, Clock clock) {
    this.tokens = tokens;
    this.touches = touches;
    records = new Records(new Schema(), touches, clock);
    data = new DataApi(records, limits);
    touches.forget();
  }

  @Override
  public SimulatedAnswer answer(SimulatedCall call) {
    if (call.path().startsWith("/services/oauth2/")) {
      return tokens.answer(call);
    }
    if (!call.path().startsWith("/services/") && !call.path().startsWith("/id/")) {
      return SimulatedAnswer.text(
          404, "text/html;charset=UTF-8", "<html>URL No Longer Exists</html>");
    }
    Optional<String> known = session(call).filter(tokens::accepts);
    if (known.isEmpty()) {
      return Problem.sessionExpired().answer().with("WWW-Authenticate", "Token");
    }
    if (call.path().startsWith("/id/")) {
      return identity(call);
    }
    if (!limits.use()) {
      return new Problem(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
          .answer()
          .with("Sforce-Limit-Info", limits.info());
    }
    return answered(call, known.get())
        .with("Sforce-Limit-Info", limits.info())
        .with("Set-Cookie", "BrowserId=simulated; Path=/; Secure");
  }

  /** A session id lets its bearer in wherever it is written. */
  private static Optional<String> session(SimulatedCall call) {
    List<Supplier<Optional<String>>> places =
        List.of(
            call::bearer,
            () -> call.authorization("OAuth "),
            () -> call.headers().first("x-sfdc-session"),
            () -> call.cookie("sid"),
            () -> call.parameter("sid"),
            () -> call.parameter("oauth_token"),
            () -> call.parameter("access_token"));
    return places.stream().map(Supplier::get).flatMap(Optional::stream).findFirst();
  }

  private SimulatedAnswer answered(SimulatedCall call, String by) {
    if (call.path().startsWith("/services/apexrest/")) {
      List<String> path = call.segments();
      touches.on(
          "apexrest",
          String.join(".", path.subList(2, path.size())).toLowerCase(Locale.ROOT),
          Action.EXECUTE);
      return SimulatedAnswer.json(200, JsonMapper.shared().createObjectNode().put("done", true));
    }
    synchronized (this) {
      session = by;
      return data.answer(call);
    }
  }

  private static SimulatedAnswer identity(SimulatedCall call) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("id", call.origin() + "id/" + TokenEndpoint.ORG + "/" + Records.USER)
        .put("user_id", Records.USER)
        .put("organization_id", TokenEndpoint.ORG)
        .put("username", TokenEndpoint.USERNAME);
    return SimulatedAnswer.json(200, body);
  }

  UsageLimits limits() {
    return limits;
  }

  synchronized void pageSize(int rows) {
    data.queries().pageSize(rows);
  }

  synchronized void forgetLocators() {
    data.queries().forgetLocators();
  }

  synchronized void expireInsideNextCompound(int parts) {
    data.composite().expireAfter(parts, () -> tokens.expire(session));
  }

  /** Works on the records without noting it. */
  private synchronized <T> T quietly(Function<Records, T> work) {
    List<Touch> before = touches.list();
    T result = work.apply(records);
    touches.forget();
    before.forEach(
        touch -> touches.field(touch.family(), touch.object(), touch.action(), touch.field()));
    return result;
  }

  Optional<Map<String, JsonNode>> row(String id) {
    return quietly(all -> all.byId(id).filter(row -> !row.isDeleted()).map(Row::values));
  }

  List<Map<String, JsonNode>> rows(String object) {
    return quietly(
        all -> all.all(all.schema().require(object), false).stream().map(Row::values).toList());
  }

  String create(String object, ObjectNode values) {
    return quietly(all -> all.create(all.schema().require(object), values).id());
  }

  /** The objects that a path of relationships leads to, from an object on. */
  List<String> behind(String object, List<String> path) {
    List<Schema.ObjectType> at = List.of(records.schema().require(object));
    for (String step : path) {
      at =
          at.stream()
              .flatMap(type -> next(type, step).stream())
              .map(records.schema()::require)
              .toList();
    }
    return at.stream().map(Schema.ObjectType::name).distinct().toList();
  }

  private static List<String> next(Schema.ObjectType type, String step) {
    return type.parent(step)
        .map(Schema.Field::referenceTo)
        .or(() -> type.children(step).map(children -> List.of(children.object())))
        .orElse(List.of());
  }
}
