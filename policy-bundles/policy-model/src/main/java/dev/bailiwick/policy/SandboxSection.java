// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.HostLimits;
import dev.bailiwick.policy.Bundle.SandboxRule;
import dev.bailiwick.policy.Bundle.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code sandboxes}. */
final class SandboxSection {
  private static final String GATEWAY = "gateway";
  private static final String WORKSPACE = "workspace";
  private static final long LEAST_MEMORY = 1 << 20;

  /** Longer lists are a problem already, by the schema. */
  private static final int MOST_PATHS = 256;

  /** Where writing would undo the sandbox or harm the host. */
  private static final List<String> NEVER_WRITTEN = List.of("/proc", "/sys", "/dev", "/boot");

  /** Absolute, without empty, {@code .} and {@code ..} segments. */
  private static final Pattern PATH = Pattern.compile("/|(/(?!\\.{1,2}(/|$))[^/\\x00-\\x1f]+)+");

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Problems problems;

  SandboxSection(Problems problems) {
    this.problems = problems;
  }

  Map<String, SandboxRule> read(Section root) {
    return root.each("sandboxes", this::sandbox);
  }

  private SandboxRule sandbox(String name, Section section) {
    Section files = section.section("files");
    List<String> read = paths(files, "read");
    List<String> write = paths(files, "write");
    writableAndExecutable(files, read);
    return new SandboxRule(
        name,
        section.word("tier", Tier.class, Tier.BASE),
        section.has("reach") ? reach(section) : List.of(GATEWAY),
        read,
        write,
        permit(section),
        environment(section.section("environment")),
        limits(section.section("limits")));
  }

  private List<String> reach(Section section) {
    List<String> reach = new ArrayList<>();
    Set<Destination> seen = new HashSet<>();
    for (Located item : section.items("reach")) {
      String text = item.text();
      if (text == null) {
        problems.at(item, "found " + item.found() + "; expected gateway or address:port");
        continue;
      }
      try {
        if (!seen.add(Destination.parse(text))) {
          problems.at(item, item.found() + " stands in this list a second time");
        }
        reach.add(text);
      } catch (IllegalArgumentException e) {
        problems.at(item, "found " + item.found() + "; " + e.getMessage());
      }
    }
    return reach;
  }

  private List<String> paths(Section files, String key) {
    boolean writing = key.equals("write");
    List<String> paths = new ArrayList<>();
    for (Located item : files.items(key)) {
      String text = item.text();
      boolean usable =
          text != null
              && (PATH.matcher(text).matches() || (writing && text.equals(WORKSPACE)))
              && !(writing && text.equals("/"));
      if (text == null || !usable) {
        problems.at(
            item,
            "found "
                + item.found()
                + "; expected "
                + (writing ? "workspace, or an absolute path below /" : "an absolute path")
                + " such as "
                + (writing ? "/var/lib/agent" : "/usr/lib")
                + ", without .., . or a slash at the end");
      } else {
        paths.add(text);
        if (writing && NEVER_WRITTEN.stream().anyMatch(tree -> isWithin(text, tree))) {
          problems.at(item, item.found() + " is where no sandbox may write; choose another tree");
        }
      }
    }
    return paths;
  }

  /** The kernel adds rights up: below a tree of programs, what is written could be run. */
  private void writableAndExecutable(Section files, List<String> read) {
    for (Located item : files.items("write").stream().limit(MOST_PATHS).toList()) {
      String path = item.text();
      if (path == null || path.equals(WORKSPACE)) {
        continue;
      }
      for (String program : read.stream().limit(MOST_PATHS).toList()) {
        if (isWithin(path, program) || isWithin(program, path)) {
          problems.at(
              item,
              item.found()
                  + " overlaps with "
                  + Located.quote(program)
                  + " in files.read, so that what the agent writes there it could also run; choose"
                  + " trees that lie apart");
          break;
        }
      }
    }
  }

  private static boolean isWithin(String path, String tree) {
    return tree.equals("/") || (path + "/").startsWith(tree + "/");
  }

  private Set<String> permit(Section section) {
    Set<String> permit = new HashSet<>();
    for (Located item : section.items("permit")) {
      String word = item.text();
      if (word == null || Permit.of(word).isEmpty()) {
        problems.at(
            item,
            "found " + item.found() + "; expected one of " + String.join(", ", Permit.words()));
      } else {
        permit.add(word);
      }
    }
    return permit;
  }

  private Map<String, String> environment(Section section) {
    Map<String, String> environment = new HashMap<>();
    section
        .at()
        .members()
        .forEach(
            (name, value) -> {
              String text = value.text();
              if (!VARIABLE.matcher(name).matches()) {
                problems.atKey(
                    section.at(),
                    name,
                    "expected a variable's name of letters, digits and underscores");
              } else if (text == null || text.indexOf('\0') >= 0) {
                problems.at(
                    value,
                    "found "
                        + value.found()
                        + "; expected text; put numbers, true and false in"
                        + " quotes");
              } else {
                environment.put(name, text);
              }
            });
    return environment;
  }

  private HostLimits limits(Section section) {
    OptionalLong memory = section.size("memory", LEAST_MEMORY);
    return new HostLimits(
        section.integer("processes", 1, 1_000_000),
        memory,
        section.integer("openFiles", 16, 1_048_576),
        section.integer("cpuPercent", 1, 100_000));
  }
}
