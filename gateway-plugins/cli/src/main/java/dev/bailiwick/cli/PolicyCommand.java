package dev.bailiwick.cli;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Policy bundles, without a gateway. */
@Command(name = "policy", description = "Check and test policy bundles.")
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
      e.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
      spec.commandLine().getErr().println(count(e.problems().size(), "problem") + " found");
      return 1;
    }
  }

  private static String count(int n, String noun) {
    return n + " " + noun + (n == 1 ? "" : noun.endsWith("x") ? "es" : "s");
  }
}
