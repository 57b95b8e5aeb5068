// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.VendorCall;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A custom report served as a web service. Which data it shows is decided in the report, so each
 * report is an object of its own: {@code raas/<owner>.<report>}. A report's name holds no dot here,
 * so no two reports share a scope.
 *
 * @param object owner and report
 * @param prompts parameters that fill the report's prompts and so choose its rows
 */
record ReportEndpoint(String object, Set<String> prompts) implements Endpoint {
  private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,79}");
  private static final Pattern REPORT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,199}");
  private static final Pattern PROMPT = Pattern.compile("[A-Za-z][A-Za-z0-9_.!-]{0,199}");
  private static final Set<String> FORMATS = Set.of("json", "csv", "xml", "simplexml", "gdata");

  ReportEndpoint {
    prompts = Set.copyOf(prompts);
  }

  static ReportEndpoint of(ConnectorRequest request, List<String> path) {
    if (path.size() != 2) {
      throw MalformedRequestException.unknown(
          "expected /ccx/service/customreport2/<tenant>/<owner>/<report>, nothing more");
    }
    if (!request.method().equals("GET")) {
      throw MalformedRequestException.unknown("a report takes GET only");
    }
    if (!OWNER.matcher(path.get(0)).matches() || !REPORT.matcher(path.get(1)).matches()) {
      throw MalformedRequestException.unknown(
          "the owner or the name of the report holds a character that is not known: letters,"
              + " digits, _ and - only, for the owner . and @ too");
    }
    return new ReportEndpoint(path.get(0) + "." + path.get(1), prompts(request));
  }

  private static Set<String> prompts(ConnectorRequest request) {
    Set<String> prompts = new HashSet<>();
    Set<String> seen = new HashSet<>();
    for (Parameter parameter : request.target().parameters()) {
      String name = parameter.name();
      if (!PROMPT.matcher(name).matches()) {
        throw MalformedRequestException.unknown(
            "a parameter's name holds a character that no prompt's alias has");
      }
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        throw MalformedRequestException.unknown(
            "the parameter "
                + MalformedRequestException.shown(name)
                + " is given twice: give it once");
      }
      if (!name.equals("format")) {
        prompts.add(name);
      } else if (!FORMATS.contains(parameter.value())) {
        throw MalformedRequestException.unknown(
            "format must be json, csv, xml, simplexml or gdata");
      }
    }
    return prompts;
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head, Answers answers) {
    FieldUse fields = new FieldUse(Set.of(), prompts, Set.of(), true);
    return Classification.withoutBody(
        new PlainCall(
            head,
            List.of(Operation.of("raas", object, Action.READ, fields)),
            AnswerForm.ANY,
            answers));
  }
}
