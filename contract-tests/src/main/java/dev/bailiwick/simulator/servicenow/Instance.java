// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import dev.bailiwick.simulator.SimulatedService;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers every request that no situation answers: authenticates it and routes it. */
final class Instance implements SimulatedService {
  static final String API_KEY = "simulated-api-key";

  private final TokenEndpoint tokens;
  private final Tables tables;
  private final TableApi tableApi;
  private final StatsApi statsApi;
  private final AttachmentApi attachmentApi;
  private final CatalogApi catalogApi;
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final List<String> scripts = new CopyOnWriteArrayList<>();

  Instance(TokenEndpoint tokens, Tables tables, AttachmentApi attachmentApi) {
    this.tokens = tokens;
    this.tables = tables;
    this.attachmentApi = attachmentApi;
    tableApi = new TableApi(tables);
    statsApi = new StatsApi(tables);
    catalogApi = new CatalogApi(tables);
  }

  @Override
  public SimulatedAnswer answer(SimulatedCall call) {
    if (call.path().equals("/oauth_token.do")) {
      return tokens.answer(call);
    }
    if (!isAuthenticated(call)) {
      return Answers.notAuthenticated();
    }
    String session = UUID.randomUUID().toString();
    sessions.add(session);
    return routed(call)
        .with("Set-Cookie", "JSESSIONID=" + session + "; Path=/; HttpOnly")
        .with("Set-Cookie", "glide_user_route=glide.simulated; Path=/; HttpOnly");
  }

  /** Answers a request that was let in: one of its own, or one of a batch. */
  SimulatedAnswer routed(SimulatedCall call) {
    noteScripts(call);
    List<String> path = new ArrayList<>(call.segments());
    if (path.size() > 2 && path.get(1).equals("now") && path.get(2).matches("v[12]")) {
      path.remove(2);
    }
    if (path.size() < 3 || !path.getFirst().equals("api")) {
      return noResource(call);
    }
    List<String> rest = path.subList(2, path.size());
    if (path.get(1).equals("sn_sc")) {
      return catalogApi.answer(call, rest);
    }
    if (path.get(1).equals("sn_chg_rest")) {
      return noResource(call);
    }
    if (!path.get(1).equals("now")) {
      return scripted(call, path);
    }
    return switch (rest.getFirst() + " " + rest.size()) {
      case "table 2" -> tableApi.answer(call, rest.get(1), "");
      case "table 3" -> tableApi.answer(call, rest.get(1), lower(rest.get(2)));
      case "stats 2" -> statsApi.answer(call, lower(rest.get(1)));
      case "attachment 1", "attachment 2", "attachment 3" -> attachmentApi.answer(call, rest);
      case "import 2", "import 3" -> imported(call, rest);
      case "batch 1" -> BatchApi.answer(call, this);
      default -> noResource(call);
    };
  }

  /** A row for a staging table; the transform map makes an incident of it. */
  private SimulatedAnswer imported(SimulatedCall call, List<String> path) {
    return new ImportApi(tables).answer(call, path);
  }

  /** Custom code: it is noted, and does nothing else. */
  private SimulatedAnswer scripted(SimulatedCall call, List<String> path) {
    tables.touches().on("scripted", String.join(".", path.subList(1, path.size())), Action.EXECUTE);
    return Answers.result(200, Answers.JSON.createObjectNode().put("path", call.path()));
  }

  private static SimulatedAnswer noResource(SimulatedCall call) {
    return Answers.error(400, "Requested URI does not represent any resource", call.path());
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** A session cookie is a credential too: whoever sends it back is let in. */
  boolean isAuthenticated(SimulatedCall call) {
    if (call.bearer().isPresent()) {
      return tokens.accepts(call.bearer().get());
    }
    if (call.authorization("Basic ").isPresent()) {
      String pair = TokenEndpoint.USERNAME + ":" + TokenEndpoint.PASSWORD;
      String expected = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      return call.authorization("Basic ").get().equals(expected);
    }
    return call.headers().first("x-sn-apikey").filter(API_KEY::equals).isPresent()
        || call.parameter("x-sn-apikey").filter(API_KEY::equals).isPresent()
        || call.cookie("JSESSIONID").filter(sessions::contains).isPresent();
  }

  private void noteScripts(SimulatedCall call) {
    call.parameter("sysparm_query")
        .filter(text -> lower(text).contains("javascript:"))
        .ifPresent(scripts::add);
  }

  List<String> scripts() {
    return new ArrayList<>(scripts);
  }

  void endSessions() {
    sessions.clear();
  }
}
