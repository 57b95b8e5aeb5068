// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is printed for a bundle passes, and whatever is bent about it does not. */
final class ApisixCommandTests {
  private static final String REPORT = "http://127.0.0.1:9101/report";

  @TempDir private Path directory;
  private Path bundle;

  private record Ran(int status, String out, String err) {}

  static String bundle(String path, String upstream) {
    return """
    apiVersion: bailiwick.dev/v1
    kind: PolicyBundle
    metadata: {name: company, version: 3}
    gateway: {externalUrl: https://gateway.example}
    issuers:
      company:
        issuer: https://login.example
        jwks: https://login.example/jwks
        audience: https://gateway.example
        proof: dpop
    connectors:
      servicenow:
        adapter: servicenow
        path: @path@
        upstream: @upstream@
        credential: vault:servicenow/company
    agents:
      triage-agent:
        actor: {issuer: company, subject: triage-agent}
        ceiling: [servicenow:table/incident:read]
        delegation: {maxDepth: 3, maxLifetime: 10m}
    """
        .replace("@path@", path)
        .replace("@upstream@", upstream);
  }

  @BeforeEach
  void writeTheBundle() throws IOException {
    bundle = directory.resolve("bundle.yaml");
    Files.writeString(bundle, bundle("/servicenow", "https://acme.example"));
  }

  private static Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = new CommandLine(new ApisixCommand());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int status = command.execute(arguments);
    return new Ran(status, out.toString(), err.toString());
  }

  private String printed(String... more) {
    String[] arguments =
        Stream.concat(
                Stream.of("route", "--bundle", bundle.toString(), "--report", REPORT),
                Arrays.stream(more))
            .toArray(String[]::new);
    Ran ran = run(arguments);
    assertThat(ran.err()).isEmpty();
    return ran.out();
  }

  private Ran lint(String text) throws IOException {
    return lint(text, "apisix.yaml", true);
  }

  private Ran lint(String text, String name, boolean withBundle) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, text);
    return withBundle
        ? run("lint", "--bundle", bundle.toString(), file.toString())
        : run("lint", file.toString());
  }

  @Test
  void routeWhenPrintedThenPasses() throws IOException {
    assertThat(lint(printed())).isEqualTo(new Ran(0, "1 file checked, nothing found\n", ""));
    assertThat(lint(printed("--format", "admin"), "route.json", true).status()).isZero();
    assertThat(lint(printed(), "apisix.yaml", false).status()).isZero();
  }

  @Test
  void routeWhenResponsePhaseLeadsToPlainHttpThenPasses() throws IOException {
    Files.writeString(bundle, bundle("/servicenow", "http://127.0.0.1:8080"));

    String text = printed("--response-phase");

    assertThat(text).contains("ext-plugin-post-resp");
    assertThat(lint(text).status()).isZero();
  }

  @Test
  void routeWhenResponsePhaseLeadsToHttpsThenNothingIsPrinted() {
    Ran ran = run("route", "--bundle", bundle.toString(), "--response-phase");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains("connectors.servicenow.upstream")
        .contains("does not check whose certificate");
  }

  @Test
  void lintWhenResponsePhaseLeadsToHttpsThenSaysSo() throws IOException {
    String text =
        printed()
            .replace(
                "    plugins:\n",
                "    plugins:\n      ext-plugin-post-resp: {conf: [{name: bailiwick, value: ''}]}\n");

    assertThat(lint(text).err())
        .contains("plugins.ext-plugin-post-resp: in the response phase APISIX does not check");
  }

  @Test
  void routeWhenPrintedThenTheReportTokenIsNamedAsItsFormatIsRead() {
    assertThat(printed()).contains("auth_header: Bearer ${{BAILIWICK_REPORT_TOKEN}}");
    assertThat(printed("--format", "admin"))
        .contains("\"auth_header\":\"$env://BAILIWICK_REPORT_AUTHORIZATION\"");
  }

  @Test
  void lintWhenAdminRouteNamesAVariableAsAFileDoesThenSaysHow() throws IOException {
    String route =
        printed("--format", "admin")
            .replace("$env://BAILIWICK_REPORT_AUTHORIZATION", "Bearer ${{BAILIWICK_REPORT_TOKEN}}");

    Ran ran = lint(route, "route.json", true);

    assertThat(ran.err())
        .contains("route.json:1:")
        .contains("plugins.http-logger.auth_header")
        .contains("$env://NAME")
        .contains("1 problem found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plugins: [proxy-rewrite, serverless-pre-function, response-rewrite,"
            + " serverless-post-function, http-logger]\n",
        "plugins: [{name: proxy-rewrite}, {name: serverless-pre-function},"
            + " {name: response-rewrite}, {name: serverless-post-function}, {name: http-logger}]\n"
      })
  void lintWhenApisixDoesNotLoadAPluginThenSaysWhich(String list) throws IOException {
    Files.writeString(directory.resolve("apisix.yaml"), printed());
    Path config = directory.resolve("config.yaml");
    String rest =
        "nginx_config: {http_server_configuration_snippet: proxy_ssl_verify on;}\n"
            + "ext-plugin: {path_for_test: /s}\n";
    Files.writeString(config, rest + list);

    Ran ran = run("lint", directory.resolve("apisix.yaml").toString(), config.toString());

    assertThat(ran.err())
        .contains("config.yaml:3:10: plugins: APISIX would not load ext-plugin-pre-req")
        .contains("1 problem found");
    Files.writeString(config, rest + list.replace("plugins: [", "plugins: [ext-plugin-pre-req, "));
    assertThat(run("lint", directory.resolve("apisix.yaml").toString(), config.toString()).status())
        .isZero();
  }

  @Test
  void routeWhenForTheAdminApiThenItIsOneRouteALine() {
    String[] lines = printed("--format", "admin").split("\n");

    assertThat(lines).hasSize(1);
    JsonNode route = JsonMapper.builder().build().readTree(lines[0]);
    assertThat(route.at("/plugins/ext-plugin-pre-req/allow_degradation").booleanValue()).isFalse();
    assertThat(route.at("/upstream/nodes/0/port").intValue()).isEqualTo(443);
    assertThat(route.at("/upstream/retries").intValue()).isZero();
  }

  @Test
  void routeWhenConnectorIsUnknownThenSaysWhichThereAre() {
    Ran ran = run("route", "--bundle", bundle.toString(), "--connector", "salesforce");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("there is no connector salesforce; there are [servicenow]");
  }

  @Test
  void routeWhenThereAreNoReportsThenThereIsNoLogger() {
    assertThat(run("route", "--bundle", bundle.toString()).out())
        .contains("ext-plugin-pre-req")
        .doesNotContain("http-logger");
  }

  @Test
  void routeWhenConnectorHasTheRootThenEverythingIsItsOwn() throws IOException {
    Files.writeString(bundle, bundle("/", "https://acme.example"));

    assertThat(printed()).contains("- /*");
    assertThat(lint(printed()).status()).isZero();
  }

  /** What is replaced in the printed file, by what, on which text's line, and what is said. */
  static List<Arguments> bent() {
    return List.of(
        Arguments.of(
            "allow_degradation: false",
            "allow_degradation: true",
            "allow_degradation: true",
            "requests pass undecided whenever the runner fails"),
        Arguments.of("name: bailiwick\n", "name: bailiwik\n", "name: bailiwik\n", "has no filter"),
        Arguments.of(
            "name: bailiwick\n",
            "name: bailiwik\n",
            "id: bailiwick-servicenow",
            "leads to the origin of connector servicenow without the filter"),
        Arguments.of(
            "        conf:\n",
            "        conf:\n          - {name: other, value: ''}\n",
            "name: other",
            "has no filter \"other\""),
        Arguments.of(
            "        conf:\n",
            "        conf:\n          - {name: other, value: ''}\n",
            "allow_degradation",
            "must stand alone"),
        Arguments.of(
            "\"connector\":\"servicenow\"",
            "\"connector\":\"workday\"",
            "name: bailiwick\n",
            "the bundle has no connector workday"),
        Arguments.of(
            "\"upstream\":\"https://acme.example\"",
            "\"upstream\":\"https://other.example\"",
            "name: bailiwick\n",
            "the bundle's upstream of servicenow is https://acme.example"),
        Arguments.of(
            "\"target\":\"header\"", "\"tarjet\":\"header\"", "name: bailiwick\n", "[tarjet]"),
        Arguments.of(
            "- host: acme.example",
            "- host: evil.example",
            "type: roundrobin",
            "it leads to https://evil.example:443"),
        Arguments.of(
            "upstream_host: acme.example",
            "upstream_host: evil.example",
            "type: roundrobin",
            "upstream_host is not the host"),
        Arguments.of("retries: 0", "retries: 1", "type: roundrobin", "may not be sent twice"),
        Arguments.of("- /servicenow/*", "- /elsewhere/*", "- /elsewhere/*", "mounts servicenow at"),
        Arguments.of(
            "    plugins:\n",
            "    plugins:\n      proxy-cache: {cache_zone: disk_cache_one}\n",
            "proxy-cache",
            "answers one agent with what another may read"),
        Arguments.of(
            "    plugins:\n",
            "    plugins:\n      proxy-mirror: {host: 'http://evil.example'}\n",
            "proxy-mirror",
            "not known to be harmless"),
        Arguments.of(
            "    plugins:\n",
            "    plugins:\n      file-logger: {path: all.log}\n",
            "file-logger",
            "logs every request header"),
        Arguments.of(
            "status: $upstream_status",
            "status: $http_authorization",
            "status: $http_authorization",
            "logs a credential"),
        Arguments.of(
            "    plugins:\n",
            "    plugins:\n      ext-plugin-post-req: {conf: [{name: bailiwick, value: ''}]}\n",
            "ext-plugin-post-req",
            "after it was decided"),
        Arguments.of(
            "      ext-plugin-pre-req:\n",
            "      ext-plugin-pre-req:\n        _meta: {disable: true}\n",
            "disable: true",
            "must run on every request"),
        Arguments.of(
            "priority: 12001", "priority: 100", "_meta:", "ahead of it; print the route again"),
        Arguments.of(
            "$real_request_uri", "$request_uri", "_meta:", "ahead of it; print the route again"),
        Arguments.of(
            "$server_protocol", "$http_version", "_meta:", "ahead of it; print the route again"),
        Arguments.of(
            "            X-Bailiwick-Protocol: $server_protocol\n",
            "",
            "_meta:",
            "ahead of it; print the route again"),
        Arguments.of(
            "\"Set-Cookie\", ", "", "phase: header_filter", "not the function of this bundle"),
        Arguments.of(
            "    plugins:\n",
            "    enable_websocket: true\n    plugins:\n",
            "enable_web",
            "WebSocket"),
        Arguments.of("#END", "# END", "routes:", "the last line must be #END"));
  }

  @ParameterizedTest
  @MethodSource("bent")
  void lintWhenRouteIsBentThenSaysWhere(String what, String by, String where, String sentence)
      throws IOException {
    String text = printed();
    assertThat(text).contains(what);
    String bent = text.replace(what, by);

    Ran ran = lint(bent);

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err().lines().filter(line -> line.contains(sentence)))
        .as(ran.err())
        .anyMatch(line -> lines(bent, where).contains(lineNumber(line)));
  }

  /** The line of the text, and the one after it, where a block's first member stands. */
  private static List<Integer> lines(String text, String where) {
    String[] lines = text.split("\n", -1);
    int found =
        IntStream.range(0, lines.length)
            .filter(i -> (lines[i] + "\n").contains(where))
            .findFirst()
            .orElseThrow();
    return List.of(found + 1, found + 2);
  }

  private int lineNumber(String line) {
    String rest = line.substring(directory.resolve("apisix.yaml").toString().length() + 1);
    return Integer.parseInt(rest.substring(0, rest.indexOf(':')));
  }

  @Test
  void lintWhenNothingStripsCookiesThenSaysSo() throws IOException {
    String text = printed();
    int from = text.indexOf("      serverless-pre-function:");
    int to = text.indexOf("      response-rewrite:");

    Ran ran = lint(text.substring(0, from) + text.substring(to));

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("nothing strips Set-Cookie");
  }

  @Test
  void lintWhenPluginsStandElsewhereThenTheyCountToo() throws IOException {
    String text =
        printed()
            .replace("    plugins:\n", "    service_id: s\n    plugins:\n")
            .replace(
                "#END",
                "services: [{id: s, plugins: {proxy-cache: {}}}]\n"
                    + "global_rules: [{id: 1, plugins: {http-logger: {uri: 'http://log.example'}}}]\n"
                    + "#END");

    Ran ran = lint(text);

    assertThat(ran.err())
        .contains("services[0].plugins.proxy-cache: it answers one agent")
        .contains("global_rules[0].plugins.http-logger: without log_format");
  }

  @Test
  void lintWhenAConnectorHasNoRouteThenSaysWhich() throws IOException {
    Ran ran = lint("routes: [{id: 1, uri: /x, upstream: {nodes: {'a.example:80': 1}}}]\n#END\n");

    assertThat(ran.err()).contains(":1:").contains("connector servicenow of the bundle");
  }

  @Test
  void lintWhenUpstreamIsSharedThenItIsHeldAgainstTheBundleToo() throws IOException {
    String text =
        "routes: [{id: 1, uri: /x, upstream_id: u}]\n"
            + "upstreams: [{id: u, scheme: https, nodes: {'acme.example:443': 1}}]\n#END\n";

    assertThat(lint(text).err()).contains("without the filter");
  }

  @Test
  void lintWhenApisixDoesNotVerifyTheUpstreamThenSaysSo() throws IOException {
    Files.writeString(directory.resolve("apisix.yaml"), printed());
    Path config = directory.resolve("config.yaml");
    Files.writeString(config, "deployment: {role: data_plane}\next-plugin: {path_for_test: /s}\n");

    Ran ran = run("lint", directory.resolve("apisix.yaml").toString(), config.toString());

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("config.yaml:1:1").contains("proxy_ssl_verify on");
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void lintWhenFileIsMalformedThenSaysWhatWasExpected(String text, String sentence)
      throws IOException {
    Ran ran = lint(text, "file", false);

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains(sentence).doesNotContain("Exception").doesNotContain("\tat ");
  }

  static List<Arguments> malformed() {
    return List.of(
        Arguments.of("", "file: the file is empty; expected an apisix.yaml"),
        Arguments.of("routes: [", "file:1:10: this is not well-formed YAML"),
        Arguments.of("routes:\n\t- id: 1\n", "file:2:1: this is not well-formed YAML"),
        Arguments.of("routes: []\n---\nroutes: []\n", "file:2:1: "),
        Arguments.of("a: \u0000", "U+0000 must not stand in YAML"),
        Arguments.of("[".repeat(100_000), "file:1:65: nested deeper than 64 levels"),
        Arguments.of("routes: &a [*a]\n#END\n", "file:1:9: aliases make endlessly many values"),
        Arguments.of("a".repeat(5 << 20), "the file is larger than 4 MiB"),
        Arguments.of("routes: []\nroutes: []\n#END", "duplicate key"),
        Arguments.of("something: else\n", "expected an apisix.yaml"),
        Arguments.of("{\"uri\": ", "file:"),
        Arguments.of("{\"name\": \"x\"}", "expected a route"));
  }

  @Test
  void lintWhenFileIsNotThereThenSaysSo() {
    Ran ran = run("lint", directory.resolve("none.yaml").toString());

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("none.yaml: there is no such file");
  }

  @Test
  void lintWhenFileIsNoTextThenSaysWhy() throws IOException {
    Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'#', (byte) 0xe4, '\n'});

    assertThat(run("lint", latin.toString()).err()).contains("latin.yaml: the file is not UTF-8");
    assertThat(run("lint", directory.toString()).err()).contains("this is a directory");
  }
}
