// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.gateway.Denial;
import dev.bailiwick.gateway.Explanation;
import dev.bailiwick.gateway.RequestExplainer;
import dev.bailiwick.policy.Attempt;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.CeilingVerdict;
import dev.bailiwick.policy.PolicyEvaluator;
import dev.bailiwick.policy.PolicyException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What one recorded request means under a bundle. Values of headers, query and body are never
 * printed.
 */
@Command(
    name = "explain",
    description = {
      "Say what a recorded request does, which scopes it needs, and what an agent's ceiling says.",
      "Exit status 1 when it is denied."
    },
    mixinStandardHelpOptions = true)
final class PolicyExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--bundle", required = true, paramLabel = "FILE", description = "The bundle.")
  private Path bundleFile;

  @Option(
      names = "--request",
      required = true,
      paramLabel = "FILE",
      description = "Request line, headers, an empty line, body; at most 64 MiB.")
  private Path requestFile;

  @Option(
      names = "--agent",
      paramLabel = "NAME",
      description = "An agent of the bundle; its ceiling is asked.")
  private @Nullable String agent;

  @Option(
      names = "--group",
      arity = "1..*",
      paramLabel = "GROUP",
      description = "Groups of the principal, for conditions; may be repeated.")
  private @Nullable List<String> groups;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  PolicyExplainCommand() {}

  @Override
  public Integer call() throws IOException {
    if (groups != null && agent == null) {
      throw new ParameterException(
          spec.commandLine(), "--group is for the conditions of a ceiling: name its --agent too");
    }
    try {
      Bundle bundle = BundleReader.read(bundleFile);
      RequestExplainer explainer = RequestExplainer.of(bundle);
      RecordedRequest recorded = RecordedRequest.read(requestFile);
      return switch (explainer.explain(recorded.request(), recorded.body())) {
        case Explanation.Denied denied -> denied(denied.denial());
        case Explanation.Understood understood -> understood(bundle, explainer, understood);
      };
    } catch (PolicyException e) {
      e.problems().forEach(spec.commandLine().getErr()::println);
      return 1;
    }
  }

  private int understood(
      Bundle bundle, RequestExplainer explainer, Explanation.Understood understood) {
    print(understood.method() + " " + understood.path() + " at " + understood.connector());
    for (Operation operation : understood.operations()) {
      print("");
      print(operation.scope(understood.connector()));
      if (!operation.where().isEmpty()) {
        print("  at " + operation.where());
      }
      fields(operation.fields());
      if (operation.action() == Action.READ) {
        print("  " + rows(operation.rows()));
      }
    }
    print("");
    print("a token must grant: " + String.join(" ", understood.scopes()));
    return agent == null ? 0 : ceiling(bundle, explainer, understood, agent);
  }

  private void fields(FieldUse fields) {
    if (fields.readsAll()) {
      print("  reads every field");
    }
    names("reads", fields.read());
    names("filters by", fields.filtered());
    names("writes", fields.written());
  }

  private static String rows(RowBound rows) {
    if (rows.most().isPresent()) {
      long most = rows.most().getAsLong();
      return most == 0 ? "shows no rows" : "shows at most " + most + (most == 1 ? " row" : " rows");
    }
    return rows.way().isEmpty()
        ? "shows as many rows as there are, and cannot set a limit"
        : "shows as many rows as there are, for it sets no limit ("
            + rows.way().replace("#", "…")
            + ")";
  }

  private void names(String word, Set<String> names) {
    if (!names.isEmpty()) {
      print("  " + word + " " + String.join(", ", new TreeSet<>(names)));
    }
  }

  private int ceiling(
      Bundle bundle, RequestExplainer explainer, Explanation.Understood understood, String name) {
    List<PolicyEvaluator.Answer> answers =
        explainer.ceiling(understood, name, groups == null ? List.of() : groups);
    List<Attempt> attempts = understood.attempts();
    Bundle.@Nullable AgentRule rule = bundle.agents().get(name);
    for (int i = 0; rule != null && i < answers.size(); i++) {
      print("");
      print(attempts.get(i).scope() + " under the ceiling of " + name + ":");
      lines(answers.get(i), rule, attempts.get(i));
    }
    print("");
    Optional<Denial> denial = RequestExplainer.denial(understood, answers);
    if (denial.isPresent()) {
      return denied(denial.get());
    }
    print("permitted, if the token grants it too");
    return 0;
  }

  private void lines(PolicyEvaluator.Answer answer, Bundle.AgentRule rule, Attempt attempt) {
    if (answer.lines().isEmpty()) {
      print("  no line covers it");
    }
    for (CeilingVerdict line : answer.lines()) {
      print("  " + line.sentence(rule, attempt));
    }
  }

  private int denied(Denial denial) {
    print("denied " + denial.reason() + ": " + denial.sentence());
    return 1;
  }

  /** Names come from the request: none of them may move the cursor of a terminal. */
  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text.replaceAll("\\p{Cntrl}", "?"));
  }
}
