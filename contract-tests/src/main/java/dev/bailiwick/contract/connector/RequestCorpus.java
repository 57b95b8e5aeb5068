// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.contract.connector.RequestCase.Expected;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads requests from {@code .http} files that are meant to be read by people:
 *
 * <pre>
 * ### Walk from an incident to its caller's manager
 * # The answer discloses sys_user, which no grant on incident covers.
 * GET /api/now/table/incident?sysparm_fields=number,caller_id.manager.email
 * &gt; table/incident:read reads caller_id,number
 * &gt; dotwalk/incident.caller_id.manager:read reads email
 *
 * ### Run code in a query
 * # The vendor evaluates javascript: on the server.
 * GET /api/now/table/incident?sysparm_query=active=javascript:gs.now()
 * &gt; denied FORBIDDEN "javascript:"
 * </pre>
 *
 * <p>Headers follow the request line; a body follows an empty line and ends where the expectations
 * begin. Expected operations are all of them, in order; {@code reads}, {@code filters} and {@code
 * writes} list fields in alphabetical order, {@code reads *} means all of them, and an operation
 * without any such word is compared without its fields. {@code rows 200} at the end of a line says
 * how many rows a read can show, {@code rows unlimited} that it could set a limit and does not, and
 * {@code rows unknown} that it cannot; without it they are not compared. A handle that the request
 * uses stands before them as {@code uses <kind> <id>}. Title and reason are required.
 */
public final class RequestCorpus {
  private static final Pattern DENIED = Pattern.compile("denied ([A-Z_]+)(?: \"([^\"]+)\")?");

  private RequestCorpus() {}

  /**
   * The cases of some files.
   *
   * @param beside the class in whose package the files lie
   * @throws IllegalArgumentException naming file and line when a case is incomplete
   */
  public static Stream<RequestCase> load(Class<?> beside, String... files) {
    return Stream.of(files).flatMap(file -> read(beside, file).stream());
  }

  private static List<RequestCase> read(Class<?> beside, String file) {
    try (InputStream in = beside.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("no file " + file + " beside " + beside.getName());
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return parse(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<RequestCase> parse(String file, String text) {
    List<String> lines = text.lines().toList();
    List<RequestCase> cases = new ArrayList<>();
    int at = 0;
    while (at < lines.size()) {
      if (!lines.get(at).startsWith("### ")) {
        at++;
        continue;
      }
      int end = at + 1;
      while (end < lines.size() && !lines.get(end).startsWith("### ")) {
        end++;
      }
      cases.add(new CaseReader(file + ":" + (at + 1), lines.subList(at, end)).read());
      at = end;
    }
    return cases;
  }

  /** Reads one case, from its title to the line before the next one. */
  private static final class CaseReader {
    private final String place;
    private final List<String> lines;
    private int at;

    CaseReader(String place, List<String> lines) {
      this.place = place;
      this.lines = lines;
    }

    RequestCase read() {
      String trap = lines.get(at++).substring(4).strip();
      String reason = String.join(" ", take("# ")).strip();
      require(!reason.isEmpty(), "a reason (# …) after the title");
      require(at < lines.size() && !lines.get(at).isBlank(), "a request line after the reason");
      String requestLine = lines.get(at++);
      int space = requestLine.indexOf(' ');
      require(space > 0, "a method and a target");
      Headers headers = headers();
      String body = body();
      List<String> expected = take("> ");
      require(!expected.isEmpty(), "expectations (> …)");
      return new RequestCase(
          place,
          trap,
          reason,
          requestLine.substring(0, space),
          requestLine.substring(space + 1),
          headers,
          body,
          expected(expected));
    }

    private List<String> take(String prefix) {
      List<String> taken = new ArrayList<>();
      while (at < lines.size() && lines.get(at).startsWith(prefix)) {
        taken.add(lines.get(at++).substring(prefix.length()).strip());
      }
      return taken;
    }

    private Headers headers() {
      List<Headers.Field> fields = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).isBlank() && !lines.get(at).startsWith("> ")) {
        String line = lines.get(at++);
        int colon = line.indexOf(':');
        require(colon > 0, "a header, an empty line or an expectation");
        fields.add(new Headers.Field(line.substring(0, colon), line.substring(colon + 1).strip()));
      }
      return Headers.of(fields);
    }

    private String body() {
      List<String> body = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).startsWith("> ")) {
        body.add(lines.get(at++));
      }
      return String.join("\n", body).strip();
    }

    private Expected expected(List<String> lines) {
      if (!lines.getFirst().startsWith("denied")) {
        return new Expected.Needs(lines);
      }
      Matcher matcher = DENIED.matcher(lines.getFirst());
      require(lines.size() == 1 && matcher.matches(), "> denied KIND \"words of the sentence\"");
      String words = matcher.group(2);
      return new Expected.Denied(Kind.valueOf(matcher.group(1)), words == null ? "" : words);
    }

    private void require(boolean condition, String expected) {
      if (!condition) {
        throw new IllegalArgumentException(place + ": expected " + expected);
      }
    }
  }
}
