// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import dev.bailiwick.enforcer.EnforcementStatus;
import dev.bailiwick.enforcer.HostProbe;
import dev.bailiwick.enforcer.Layer;
import dev.bailiwick.policy.Bundle.Tier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What this machine can enforce, found by loading it. */
@Command(
    name = "doctor",
    description = {
      "Say what this machine can enforce, found by trying.",
      "Exit status 1 if no tier holds here."
    },
    mixinStandardHelpOptions = true)
final class EnforcerDoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  EnforcerDoctorCommand() {}

  @Override
  public Integer call() {
    EnforcementStatus status = HostProbe.probe();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(status));
    } else {
      print(status, out);
    }
    return status.satisfies(Tier.BASE) ? 0 : 1;
  }

  static void print(EnforcementStatus status, PrintWriter out) {
    out.println(
        switch (status) {
          case EnforcementStatus.Full full -> "Every protection is enforced here.";
          case EnforcementStatus.Partial partial -> "Something is missing here.";
          case EnforcementStatus.NotEnforced none -> "Too little can be enforced here.";
        });
    for (Layer layer : status.layers()) {
      out.printf("  %-8s %-11s %s%n", word(layer.state()), layer.name(), layer.does());
      for (Layer.Gap gap : layer.gaps()) {
        out.printf("  %21smissing: %s%n", "", gap.missing());
        out.printf("  %21sallows:  %s%n", "", gap.allows());
      }
    }
    for (Tier tier : Tier.values()) {
      out.printf("  tier %s: %s%n", word(tier), verdict(status.lacking(tier)));
    }
  }

  private static String verdict(List<String> lacking) {
    return lacking.isEmpty()
        ? "sandboxes that demand it are launched"
        : "nothing that demands it is launched; " + String.join("; ", lacking);
  }

  static String json(EnforcementStatus status) {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Layer layer : status.layers()) {
      Map<String, Object> members = new LinkedHashMap<>();
      members.put("name", layer.name());
      members.put("state", word(layer.state()));
      members.put("does", layer.does());
      members.put("gaps", layer.gaps());
      layer.tier().ifPresent(tier -> members.put("tier", word(tier)));
      layers.add(members);
    }
    Map<String, Boolean> tiers = new LinkedHashMap<>();
    for (Tier tier : Tier.values()) {
      tiers.put(word(tier), status.satisfies(tier));
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("tiers", tiers);
    answer.put("layers", layers);
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(answer);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
