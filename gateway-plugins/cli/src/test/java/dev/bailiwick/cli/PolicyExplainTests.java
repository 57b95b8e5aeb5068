// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bailiwick policy explain}: what is said about a recorded request, and what never is. */
final class PolicyExplainTests {
  private static final Path BUNDLES = Path.of("../../policy-bundles/bundles");
  private static final String SECRET = "s3cr3t-of-the-test";
  private static final String RECORD =
      "/servicenow/api/now/table/incident/c1000000000000000000000000000001";

  @TempDir private Path directory;

  private record Ran(int status, String out, String err) {}

  private static Ran run(Path request, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "policy",
                "explain",
                "--bundle=" + BUNDLES.resolve("support-triage.yaml"),
                "--request=" + request));
    arguments.addAll(List.of(more));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        Main.run(arguments.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
    assertThat(out + "" + err)
        .doesNotContain(SECRET)
        .doesNotContain("\tat ")
        .doesNotContain("Exception");
    return new Ran(status, out.toString(), err.toString());
  }

  private Ran explain(String text, String... more) throws IOException {
    Path file = directory.resolve("request.http");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    return run(file, more);
  }

  private static String patch(String lineEnd, String body) {
    return String.join(
        lineEnd,
        "PATCH " + RECORD + " HTTP/1.1",
        "Host: gateway.acme.example",
        "Authorization: DPoP " + SECRET,
        "Cookie: session=" + SECRET,
        "X-Api-Key: " + SECRET,
        "Content-Type: application/json",
        "",
        body);
  }

  @ParameterizedTest
  @CsvSource({"'\n'", "'\r\n'"})
  void explainWhenNoAgentIsNamedThenPrintsOperationsAndScopesOnly(String lineEnd)
      throws IOException {
    Ran ran =
        explain(patch(lineEnd, "{\"work_notes\":\"" + SECRET + "\",\"state\":\"2\"}" + lineEnd));

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out())
        .startsWith("PATCH " + RECORD + " at servicenow")
        .contains("  writes state, work_notes")
        .contains("a token must grant: servicenow:table/incident:update")
        .doesNotContain("ceiling");
  }

  @Test
  void explainWhenShippedRequestAndGroupFitThenPermitted() {
    Ran ran =
        run(
            BUNDLES.resolve("support-triage.request.http"),
            "--agent=triage-agent",
            "--group",
            "support");

    assertThat(ran.status()).as(ran.out()).isZero();
    assertThat(ran.out()).contains("permitted, if the token grants it too");
  }

  @Test
  void explainWhenGroupIsMissingThenSaysWhichLineAndCondition() {
    Ran ran = run(BUNDLES.resolve("support-triage.request.http"), "--agent=triage-agent");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out())
        .contains("denied CONDITION_NOT_MET: servicenow:table/incident:update (line ")
        .contains("'support' in principal.groups");
  }

  @Test
  void explainWhenFieldIsNotCoveredThenNamesIt() throws IOException {
    Ran ran =
        explain(
            patch("\n", "{\"assigned_to\":\"me\"}"), "--agent=triage-agent", "--group", "support");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).contains("denied FIELD_NOT_GRANTED").contains("assigned_to");
  }

  @ParameterizedTest
  @CsvSource({
    "sysparm_limit=20, 'shows at most 20 rows'",
    "sysparm_offset=20, 'shows as many rows as there are, for it sets no limit (sysparm_limit=…)'"
  })
  void explainWhenRowsAreReadThenSaysHowMany(String query, String said) throws IOException {
    Ran ran = explain("GET /servicenow/api/now/table/incident?" + query + " HTTP/1.1\n\n");

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("  " + said + "\n");
  }

  @Test
  void explainWhenOneOfTwoOperationsIsAboveTheCeilingThenDenied() throws IOException {
    Ran ran =
        explain(
            "GET /servicenow/api/now/table/incident?sysparm_fields=number,caller_id.email"
                + " HTTP/1.1\n\n",
            "--agent=triage-agent");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out())
        .contains("servicenow:table/incident:read is permitted to triage-agent")
        .contains("servicenow:dotwalk/incident.caller_id:read under the ceiling of triage-agent:")
        .contains("  no line covers it")
        .contains("denied SCOPE_ABOVE_CEILING");
  }

  @Test
  void explainWhenAgentIsUnknownThenSuggestsOne() throws IOException {
    Ran ran = explain(patch("\n", "{\"state\":\"2\"}"), "--agent=triage-agnt");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).contains("denied AGENT_UNKNOWN").contains("triage-agent");
  }

  @ParameterizedTest
  @CsvSource({
    "GET /elsewhere HTTP/1.1, NO_ROUTE",
    "GET /servicenow/api/now/../x HTTP/1.1, MALFORMED_TARGET",
    "GET /servicenow/api/now/batch HTTP/1.1, OPERATION_UNKNOWN",
    "GET /servicenow/api/now/table/incident?sysparm_query=a=javascript:x HTTP/1.1,"
        + " OPERATION_FORBIDDEN",
    "BREW /servicenow/api/now/table/incident HTTP/1.1, METHOD_NOT_ALLOWED",
  })
  void explainWhenConnectorCannotReadItThenPrintsTheDenial(String line, String reason)
      throws IOException {
    Ran ran = explain(line + "\nAuthorization: DPoP " + SECRET + "\n\n");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).startsWith("denied " + reason + ": ");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1, request line",
    "'GET\n\n', 1, request line",
    "'get /x HTTP/1.1\n\n', 1, request line",
    "'GET https://gateway.acme.example/x?t=" + SECRET + " HTTP/1.1\n\n', 1, origin-form",
    "'OPTIONS * HTTP/1.1\n\n', 1, origin-form",
    "'GET /x HTTP/1.1\nAuthorization DPoP " + SECRET + "\n\n', 2, expected a header",
    "'GET /x HTTP/1.1\n" + SECRET + " : x\n\n', 2, RFC 9110",
    "'GET /x HTTP/1.1\nA: b\n " + SECRET + "\n\n', 3, several lines",
    "'GET /x HTTP/1.1\nA: b\r" + SECRET + "\n\n', 2, carriage return",
    "'GET /x HTTP/1.1\nA: b\n', 3, empty line",
    "'GET /x HTTP/1.1', 1, the first line does not end",
    "'\u00ef\u00bb\u00bfGET /x HTTP/1.1\n\n', 1, byte order mark",
    "'POST /x HTTP/1.1\nContent-Length: 9\nA: b\n\n{}\n', 2, Content-Length",
    "'POST /x HTTP/1.1\nContent-Length: -1\n\n{}\n', 2, Content-Length",
    "'POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n2\n{}\n0\n\n', 3, Transfer-Encoding",
  })
  void explainWhenRecordingIsMalformedThenNamesTheLine(String text, int line, String words)
      throws IOException {
    Ran ran = explain(text);

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("request.http:" + line + ": ").contains(words);
  }

  @Test
  void explainWhenContentLengthCountsTheBodyThenEditorsLineEndIsNotPartOfIt() throws IOException {
    Ran ran =
        explain(
            "PATCH "
                + RECORD
                + " HTTP/1.1\nContent-Type: application/json\nContent-Length: 13\n\n"
                + "{\"state\":\"2\"}\n");

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out()).contains("writes state");
  }

  @Test
  void explainWhenRecordingIsLargerThanAnyBodyThenSaysSo() throws IOException {
    Ran ran = explain(patch("\n", " ".repeat(64 * 1024 * 1024)));

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("at most 67108864 bytes");
  }

  @Test
  void explainWhenBodyIsLongerThanTenMillionBytesThenItsLengthIsUnderstood() throws IOException {
    String body = "{\"work_notes\":\"" + "x".repeat(10_000_000) + "\"}";
    String request =
        "PATCH " + RECORD + " HTTP/1.1\nContent-Type: application/json\nContent-Length: ";

    Ran ran = explain(request + body.length() + "\n\n" + body);

    assertThat(ran.out()).startsWith("denied BODY_TOO_LARGE: ");
  }

  @Test
  void explainWhenFileIsADirectoryThenSaysSo() {
    Ran ran = run(directory);

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains(directory + " is a directory");
  }

  @Test
  void explainWhenFileIsNotThereThenSaysSo() {
    Ran ran = run(directory.resolve("nowhere.http"));

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.err()).contains("there is no file").contains("nowhere.http");
  }

  @Test
  void explainWhenGroupIsGivenWithoutAgentThenShowsUsage() throws IOException {
    Ran ran = explain(patch("\n", "{}"), "--group", "support");

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("--agent").contains("Usage: bailiwick policy explain");
  }
}
