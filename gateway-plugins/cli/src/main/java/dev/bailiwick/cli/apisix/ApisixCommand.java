// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.BundleReader;
import dev.bailiwick.policy.PolicyException;
import dev.bailiwick.policy.PolicyProblem;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Configuration of Apache APISIX, without an APISIX. */
@Command(
    name = "apisix",
    description = "Print routes of Apache APISIX from a bundle, and check them.",
    synopsisSubcommandLabel = "COMMAND")
public final class ApisixCommand {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the specification
  ApisixCommand() {}

  @Command(
      name = "route",
      description = {
        "Print the complete route of each connector of a bundle.",
        "The environment variable BAILIWICK_REPORT_TOKEN of APISIX holds the runner's report token;"
            + " for a route of the Admin API, BAILIWICK_REPORT_AUTHORIZATION holds \"Bearer\", a"
            + " space and that token."
      },
      mixinStandardHelpOptions = true)
  int route(
      @Option(names = "--bundle", required = true, paramLabel = "FILE") Path file,
      @Option(
              names = "--connector",
              paramLabel = "NAME",
              description = "Only this connector; without it, every one.")
          @Nullable String connector,
      @Option(
              names = "--format",
              defaultValue = "yaml",
              description = "yaml: a standalone apisix.yaml; admin: JSON for the Admin API.")
          RouteText format,
      @Option(
              names = "--report",
              paramLabel = "URL",
              description =
                  "Where the runner takes reports, such as http://127.0.0.1:9101/report. Without it"
                      + " the route has no logger: expired credentials are not noticed, and answers"
                      + " are recorded with an unknown status.")
          @Nullable URI report,
      @Option(
              names = "--response-phase",
              description =
                  "Let the runner rewrite bodies (ext-plugin-post-resp). APISIX then sends the"
                      + " request by itself: slower, without keep-alive and retries. Not for https"
                      + " upstreams, whose name it does not check then.")
          boolean responsePhase) {
    Bundle bundle;
    try {
      bundle = BundleReader.read(file);
    } catch (PolicyException e) {
      return problems(e.problems());
    }
    if (connector != null && !bundle.connectors().containsKey(connector)) {
      return problems(
          List.of(
              new PolicyProblem(
                  file.toString(),
                  0,
                  0,
                  "connectors",
                  "there is no connector "
                      + connector
                      + "; there are "
                      + bundle.connectors().keySet().stream().sorted().toList())));
    }
    List<Bundle.ConnectorRule> rules =
        bundle.connectors().values().stream()
            .filter(rule -> connector == null || rule.name().equals(connector))
            .sorted(Comparator.comparing(Bundle.ConnectorRule::name))
            .toList();
    if (responsePhase) {
      List<PolicyProblem> unsafe =
          rules.stream()
              .filter(rule -> ConnectorRoute.isEncrypted(rule.upstream().getScheme()))
              .map(
                  rule ->
                      new PolicyProblem(
                          file.toString(),
                          0,
                          0,
                          "connectors." + rule.name() + ".upstream",
                          ConnectorRoute.NAME_UNCHECKED + "; leave --response-phase out"))
              .toList();
      if (!unsafe.isEmpty()) {
        return problems(unsafe);
      }
    }
    RouteOptions options = new RouteOptions(Optional.ofNullable(report), responsePhase, format);
    List<Map<String, Object>> routes =
        rules.stream().map(rule -> ConnectorRoute.of(bundle, rule, options)).toList();
    PrintWriter out = spec.commandLine().getOut();
    out.print(format.of(routes));
    out.flush();
    return 0;
  }

  @Command(
      name = "lint",
      description = "Say what in APISIX's configuration would let requests past the filter.",
      mixinStandardHelpOptions = true)
  int lint(
      @Option(
              names = "--bundle",
              paramLabel = "FILE",
              description = "Hold the routes against this bundle too.")
          @Nullable Path bundleFile,
      @Option(
              names = "--filter",
              paramLabel = "NAME",
              description = "Another filter that your runner has; may be repeated.")
          @Nullable Set<String> filters,
      @Parameters(
              paramLabel = "FILE",
              arity = "1..*",
              description = "apisix.yaml, config.yaml, or JSON of the Admin API.")
          List<Path> files) {
    List<PolicyProblem> found = new ArrayList<>();
    try {
      Optional<Bundle> bundle =
          bundleFile == null ? Optional.empty() : Optional.of(BundleReader.read(bundleFile));
      found.addAll(RouteLint.check(files, bundle, filters == null ? Set.of() : filters));
    } catch (PolicyException e) {
      found.addAll(e.problems());
    }
    if (found.isEmpty()) {
      spec.commandLine()
          .getOut()
          .printf("%d %s checked, nothing found%n", files.size(), noun(files));
      return 0;
    }
    return problems(found);
  }

  private static String noun(List<Path> files) {
    return files.size() == 1 ? "file" : "files";
  }

  private int problems(List<PolicyProblem> problems) {
    PrintWriter err = spec.commandLine().getErr();
    problems.forEach(err::println);
    err.println(problems.size() + (problems.size() == 1 ? " problem found" : " problems found"));
    return 1;
  }
}
