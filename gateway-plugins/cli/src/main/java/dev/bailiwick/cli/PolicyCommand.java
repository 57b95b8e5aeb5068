// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.CaseRunner;
import dev.bailiwick.policy.CasesReader;
import dev.bailiwick.policy.PolicyException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Policy bundles, without a gateway. */
@Command(
    name = "policy",
    description = "Check, test and explain policy bundles.",
    subcommands = PolicyExplainCommand.class)
final class PolicyCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  PolicyCommand() {}

  @Command(
      name = "check",
      description = "Say everything that is wrong with a bundle, with file and line.",
      mixinStandardHelpOptions = true)
  int check(@Parameters(paramLabel = "FILE", description = "The bundle.") Path file) {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Bundle bundle = BundleReader.read(file);
      out.printf(
          "%s: %s is valid: %s, %s, %s, %s%n",
          file,
          bundle.id(),
          count(bundle.issuers().size(), "issuer"),
          count(bundle.connectors().size(), "connector"),
          count(bundle.agents().size(), "agent"),
          count(bundle.sandboxes().size(), "sandbox"));
      return 0;
    } catch (PolicyException e) {
      return problems(e);
    }
  }

  @Command(
      name = "test",
      description = "Hold a bundle against its cases; exit status 1 if one does not come out.",
      mixinStandardHelpOptions = true)
  int test(
      @Parameters(paramLabel = "FILE", description = "The bundle.") Path file,
      @Option(
              names = "--cases",
              paramLabel = "FILE",
              description = "The cases; without it, NAME.cases.yaml beside NAME.yaml.")
          @Nullable Path casesFile) {
    try {
      Bundle bundle = BundleReader.read(file);
      Path cases = casesFile == null ? CasesReader.casesOf(file) : casesFile;
      List<CaseRunner.Result> results = CaseRunner.run(bundle, CasesReader.read(cases, bundle));
      PrintWriter out = spec.commandLine().getOut();
      for (CaseRunner.Result result : results) {
        out.printf(
            "%s %s:%d: %s%n",
            result.passed() ? "ok    " : "FAILED",
            cases,
            result.policyCase().line(),
            result.passed() ? result.policyCase().because() : result.sentence());
      }
      long passed = results.stream().filter(CaseRunner.Result::passed).count();
      out.printf("%d of %s as expected%n", passed, count(results.size(), "case"));
      return passed == results.size() ? 0 : 1;
    } catch (PolicyException e) {
      return problems(e);
    }
  }

  private int problems(PolicyException e) {
    PrintWriter err = spec.commandLine().getErr();
    e.problems().forEach(err::println);
    err.println(count(e.problems().size(), "problem") + " found");
    return 1;
  }

  private static String count(int n, String noun) {
    return n + " " + noun + (n == 1 ? "" : noun.endsWith("x") ? "es" : "s");
  }
}
