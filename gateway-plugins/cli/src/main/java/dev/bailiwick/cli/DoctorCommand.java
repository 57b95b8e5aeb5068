// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.enforcer.EnforcementStatus;
import dev.bailiwick.enforcer.HostProbe;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What this machine can enforce, found by loading it. */
@Command(
    name = "doctor",
    description =
        "Say what this machine can enforce, found by trying. Exit status 1 if no tier holds.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  DoctorCommand() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    EnforcementStatus status = HostProbe.probe();
    String headline =
        switch (status) {
          case EnforcementStatus.Full full -> "full: every protection is enforced here";
          case EnforcementStatus.Partial partial -> "partial: some protections are missing here";
          case EnforcementStatus.NotEnforced none -> "not enforced: nothing is launched here";
        };
    out.println(headline);
    status.enforced().forEach(line -> out.println("  enforced  " + line));
    status.missing().forEach(line -> out.println("  missing   " + line));
    for (Tier tier : Tier.values()) {
      out.printf(
          "  tier %-5s %s%n",
          tier.name().toLowerCase(Locale.ROOT), status.satisfies(tier) ? "yes" : "no");
    }
    return status.satisfies(Tier.BASE) ? 0 : 1;
  }
}
