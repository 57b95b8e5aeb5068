// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** The printed functions, run by a Lua interpreter against the part of nginx that they touch. */
final class AnswerScriptsTests {
  private static final String MALICIOUS = "https://acme.example.evil.test/x";

  private final Globals lua = JsePlatform.standardGlobals();
  private final LuaTable nginx = new LuaTable();
  private final LuaTable headers = new LuaTable();
  private final LuaTable variables = new LuaTable();
  private final LuaTable context = new LuaTable();

  private static Bundle bundle(String path, String upstream) {
    try {
      return BundleReader.read(ApisixCommandTests.bundle(path, upstream), "bundle.yaml");
    } catch (PolicyException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Runs both functions on an answer and gives back the body that the agent gets. */
  private String answer(Bundle bundle, int status, Map<String, String> sent) {
    headers.set("Content-Type", "application/json");
    sent.forEach(headers::set);
    nginx.set("header", headers);
    nginx.set("var", variables);
    nginx.set("status", status);
    variables.set("upstream_status", String.valueOf(status));
    lua.set("ngx", nginx);
    run(AnswerScripts.head(bundle, bundle.connectors().get("servicenow")));
    LuaTable arguments = new LuaTable();
    arguments.set(1, "the upstream's body");
    arguments.set(2, LuaValue.TRUE);
    nginx.set("arg", arguments);
    run(AnswerScripts.body());
    return arguments.get(1).tojstring();
  }

  private void run(String function) {
    lua.load(function).call().call(LuaValue.NIL, context);
  }

  private int status() {
    return nginx.get("status").toint();
  }

  private String header(String name) {
    return headers.get(name).optjstring("");
  }

  private static Bundle usual() {
    return bundle("/servicenow", "https://acme.example");
  }

  @Test
  void headWhenAnswerIsFineThenOnlyCookiesGo() {
    String body =
        answer(usual(), 200, Map.of("Set-Cookie", "JSESSIONID=1", "Alt-Svc", "h3", "X-Total", "3"));

    assertThat(status()).isEqualTo(200);
    assertThat(header("Set-Cookie")).isEmpty();
    assertThat(header("Alt-Svc")).isEmpty();
    assertThat(header("X-Total")).isEqualTo("3");
    assertThat(body).isEqualTo("the upstream's body");
  }

  @Test
  void headWhenCredentialIsNotAcceptedThenAgentMayRepeat() {
    String body = answer(usual(), 401, Map.of("WWW-Authenticate", "Bearer realm=vendor"));

    assertThat(status()).isEqualTo(503);
    assertThat(header("Retry-After")).isEqualTo("1");
    assertThat(header("X-Bailiwick-Code")).isEqualTo("RENEWED_RETRY");
    assertThat(header("WWW-Authenticate")).isEmpty();
    assertThat(body).contains("\"status\":503").doesNotContain("upstream's body");
  }

  @Test
  void headWhenRunnerAnsweredThenNothingIsTouched() {
    variables.set("upstream_status", LuaValue.NIL);
    nginx.set("var", variables);
    nginx.set("header", headers);
    headers.set("WWW-Authenticate", "DPoP");
    nginx.set("status", 401);
    lua.set("ngx", nginx);

    run(AnswerScripts.head(usual(), usual().connectors().get("servicenow")));

    assertThat(status()).isEqualTo(401);
    assertThat(header("WWW-Authenticate")).isEqualTo("DPoP");
  }

  @Test
  void headWhenLoginPageThenAgentDoesNotSeeIt() {
    String body = answer(usual(), 200, Map.of("Content-Type", "text/html;charset=UTF-8"));

    assertThat(status()).isEqualTo(502);
    assertThat(header("X-Bailiwick-Code")).isEqualTo("UPSTREAM_UNUSABLE");
    assertThat(body).doesNotContain("upstream's body");
  }

  @ParameterizedTest
  @CsvSource({
    "https://acme.example/api/1, https://gateway.example/servicenow/api/1",
    "HTTPS://ACME.example:443/api/1, https://gateway.example/servicenow/api/1",
    "//acme.example/api/1, https://gateway.example/servicenow/api/1",
    "/api/1, /servicenow/api/1",
    "next?page=2, next?page=2"
  })
  void headWhenLocationIsTheUpstreamsThenItLeadsToTheGateway(String location, String expected) {
    answer(usual(), 201, Map.of("Location", location));

    assertThat(header("Location")).isEqualTo(expected);
    assertThat(status()).isEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource({
    MALICIOUS,
    "http://acme.example/api/1",
    "https://acme.example:8443/api/1",
    "https://user@acme.example/api/1",
    "//elsewhere.example/",
    "'https://acme.example\\@elsewhere.example/'",
    "'javascript:alert(1)'"
  })
  void headWhenRedirectedElsewhereThenAgentDoesNotSeeWhere(String location) {
    String body = answer(usual(), 302, Map.of("Location", location));

    assertThat(status()).isEqualTo(502);
    assertThat(header("Location")).isEmpty();
    assertThat(body).doesNotContain("elsewhere").doesNotContain("evil");
  }

  @Test
  void headWhenLinksAreListedThenEachIsMoved() {
    String link = "<https://acme.example/a?p=2>;rel=\"next\",<" + MALICIOUS + ">;rel=\"last\"";

    answer(usual(), 200, Map.of("Link", link));

    assertThat(header("Link"))
        .isEqualTo("<https://gateway.example/servicenow/a?p=2>;rel=\"next\",<>;rel=\"last\"");
  }

  @Test
  void headWhenConnectorHasTheRootThenPathsStay() {
    answer(bundle("/", "https://acme.example:8443"), 201, Map.of("Location", "/api/1"));

    assertThat(header("Location")).isEqualTo("/api/1");
    assertThat(List.of(status())).containsExactly(201);
  }
}
