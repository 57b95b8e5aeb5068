// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The machine's {@code /etc/hosts}: the one name service that a sandbox can use as well. */
record HostsFile(Path file) {
  private static final Pattern BLANK = Pattern.compile("\\s+");

  static HostsFile system() {
    return new HostsFile(Path.of("/etc/hosts"));
  }

  /** The addresses of a name, in the order of the file; empty when it has none. */
  List<InetAddress> addresses(String name) throws SandboxException {
    List<InetAddress> found = new ArrayList<>();
    for (String line : lines()) {
      String entry = line.split("#", 2)[0].strip();
      String[] words = BLANK.split(entry);
      if (Arrays.stream(words).skip(1).anyMatch(name::equalsIgnoreCase)) {
        String literal = words[0].contains(":") ? "[" + words[0] + "]" : words[0];
        Reach.address(literal).filter(address -> !found.contains(address)).ifPresent(found::add);
      }
    }
    return List.copyOf(found);
  }

  private List<String> lines() throws SandboxException {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new SandboxException(file + " cannot be read: " + e.getMessage());
    }
  }
}
