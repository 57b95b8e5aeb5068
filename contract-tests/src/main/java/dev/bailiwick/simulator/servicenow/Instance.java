// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.servicenow;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.QueryParameter;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers every request that no situation answers: authenticates it and routes it. */
final class Instance implements ResponseDefinitionTransformerV2 {
  static final String NAME = "servicenow-instance";
  static final String API_KEY = "simulated-api-key";
  private static final Pattern TABLE =
      Pattern.compile("/api/now(?:/v[12])?/table/([A-Za-z0-9_]+)(?:/([0-9a-fA-F]{32}))?/?");

  private final TokenEndpoint tokens;
  private final Tables tables;
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final List<String> scripts = new CopyOnWriteArrayList<>();
  private volatile @Nullable TableApi tableApi;

  Instance(TokenEndpoint tokens, Tables tables) {
    this.tokens = tokens;
    this.tables = tables;
  }

  /** Links need the port, which is known only once the server runs. */
  void listenAt(String origin) {
    tableApi = new TableApi(tables, origin);
  }

  @Override
  public String getName() {
    return NAME;
  }

  @Override
  public boolean applyGlobally() {
    return false;
  }

  @Override
  public ResponseDefinition transform(ServeEvent event) {
    LoggedRequest request = event.getRequest();
    String url = request.getUrl();
    int query = url.indexOf('?');
    return answer(request, query < 0 ? url : url.substring(0, query)).build();
  }

  private ResponseDefinitionBuilder answer(LoggedRequest request, String path) {
    if (path.equals("/oauth_token.do")) {
      return tokens.answer(request);
    }
    if (!isAuthenticated(request)) {
      return Answers.notAuthenticated();
    }
    noteScripts(request);
    Matcher matcher = TABLE.matcher(path);
    TableApi api = tableApi;
    ResponseDefinitionBuilder answer =
        matcher.matches() && api != null
            ? api.answer(request, matcher.group(1), sysId(matcher.group(2)))
            : Answers.error(400, "Requested URI does not represent any resource", path);
    String session = UUID.randomUUID().toString();
    sessions.add(session);
    return answer.withHeader(
        "Set-Cookie",
        "JSESSIONID=" + session + "; Path=/; HttpOnly",
        "glide_user_route=glide.simulated; Path=/; HttpOnly");
  }

  private static String sysId(@Nullable String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }

  /** A session cookie is a credential too: whoever sends it back is let in. */
  private boolean isAuthenticated(LoggedRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return tokens.accepts(authorization.substring(7).strip());
    }
    if (authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      String pair = TokenEndpoint.USERNAME + ":" + TokenEndpoint.PASSWORD;
      String expected = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      return authorization.substring(6).strip().equals(expected);
    }
    if (API_KEY.equals(request.getHeader("x-sn-apikey"))) {
      return true;
    }
    var cookie = request.getCookies().get("JSESSIONID");
    return cookie != null && sessions.contains(cookie.getValue());
  }

  private void noteScripts(LoggedRequest request) {
    QueryParameter query = request.getQueryParams().get("sysparm_query");
    if (query != null && query.isPresent()) {
      String text = query.firstValue();
      if (text.toLowerCase(Locale.ROOT).contains("javascript:")) {
        scripts.add(text);
      }
    }
  }

  List<String> scripts() {
    return new ArrayList<>(scripts);
  }

  void endSessions() {
    sessions.clear();
  }
}
