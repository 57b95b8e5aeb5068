// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.PolicyProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything that the given files configure. Not thread-safe. */
final class ApisixFiles {
  private static final int LARGEST = 4 << 20;

  final List<YamlItem> routes = new ArrayList<>();
  final List<YamlItem> globalRules = new ArrayList<>();
  final List<YamlItem> services = new ArrayList<>();

  /** Lists of the plugins that APISIX loads; what a route names beside them does not run. */
  final List<YamlItem> pluginLists = new ArrayList<>();

  /** Static configuration of APISIX itself. */
  final List<YamlItem> statics = new ArrayList<>();

  final List<PolicyProblem> problems = new ArrayList<>();
  private final Map<String, YamlItem> servicesById = new HashMap<>();
  private final Map<String, YamlItem> configsById = new HashMap<>();
  private final Map<String, YamlItem> upstreamsById = new HashMap<>();

  static ApisixFiles read(List<Path> files) {
    ApisixFiles all = new ApisixFiles();
    files.forEach(all::read);
    return all;
  }

  private void read(Path file) {
    String text;
    try {
      text = text(file);
    } catch (IOException e) {
      problems.add(new PolicyProblem(file.toString(), 0, 0, "", sentence(file, e)));
      return;
    }
    try {
      if (text.stripLeading().startsWith("{")) {
        // JSON of the Admin API, one document a line or one over many lines.
        List<String> documents = isOneDocument(text) ? List.of(text) : text.lines().toList();
        int line = 0;
        for (String document : documents) {
          String before = "\n".repeat(line++);
          YamlItem.read(file.toString(), before + document).ifPresent(this::admin);
        }
      } else {
        YamlItem.read(file.toString(), text)
            .ifPresentOrElse(item -> standalone(item, text), () -> empty(file));
      }
    } catch (YamlItem.Malformed e) {
      problems.add(e.problem());
    }
  }

  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IOException("the file is larger than 4 MiB, the most that is checked");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }

  private static String sentence(Path file, IOException failure) {
    if (Files.isDirectory(file)) {
      return "this is a directory; name the files in it";
    }
    return switch (failure) {
      case CharacterCodingException e -> "the file is not UTF-8; save it as UTF-8";
      case NoSuchFileException e -> "there is no such file";
      case AccessDeniedException e -> "this user may not read the file";
      default -> String.valueOf(failure.getMessage());
    };
  }

  private void empty(Path file) {
    problems.add(
        new PolicyProblem(
            file.toString(),
            0,
            0,
            "",
            "the file is empty; expected an apisix.yaml with routes, or a config.yaml of APISIX"));
  }

  private static boolean isOneDocument(String text) {
    try {
      return YamlItem.read("", text).isPresent();
    } catch (YamlItem.Malformed e) {
      return false;
    }
  }

  private void admin(YamlItem document) {
    YamlItem value = document.member("value").orElse(document);
    value.scalars().stream()
        .filter(text -> text.text().contains("${{"))
        .forEach(
            text ->
                problems.add(
                    text.problem(
                        "APISIX reads ${{NAME}} in its files only; what the Admin API takes names a"
                            + " variable whole: $env://NAME")));
    if (value.member("uri").isPresent() || value.member("uris").isPresent()) {
      routes.add(value);
    } else if (!standaloneMembers(value)) {
      problems.add(value.problem("expected a route: an object with uri or uris"));
    }
  }

  private void standalone(YamlItem document, String text) {
    boolean isStatic = false;
    for (String name : List.of("deployment", "nginx_config", "apisix", "ext-plugin")) {
      isStatic |= document.member(name).isPresent();
    }
    document.member("plugins").ifPresent(pluginLists::add);
    if (isStatic) {
      statics.add(document);
      return;
    }
    if (!standaloneMembers(document)) {
      problems.add(
          document.problem("expected an apisix.yaml with routes, or a config.yaml of APISIX"));
      return;
    }
    if (!text.stripTrailing().endsWith("#END")) {
      problems.add(
          document.problem(
              "the last line must be #END: APISIX ignores a standalone file without it"));
    }
  }

  private boolean standaloneMembers(YamlItem document) {
    List<String> known =
        List.of("routes", "services", "upstreams", "plugin_configs", "global_rules");
    document.member("routes").ifPresent(list -> routes.addAll(list.items()));
    document.member("global_rules").ifPresent(list -> globalRules.addAll(list.items()));
    document.member("services").ifPresent(list -> services.addAll(list.items()));
    byId(document, "services", servicesById);
    byId(document, "plugin_configs", configsById);
    byId(document, "upstreams", upstreamsById);
    return known.stream().anyMatch(name -> document.member(name).isPresent());
  }

  private static void byId(YamlItem document, String list, Map<String, YamlItem> index) {
    document
        .member(list)
        .ifPresent(
            all ->
                all.items().forEach(item -> item.text("id").ifPresent(id -> index.put(id, item))));
  }

  Optional<YamlItem> service(String id) {
    return Optional.ofNullable(servicesById.get(id));
  }

  Optional<YamlItem> pluginConfig(String id) {
    return Optional.ofNullable(configsById.get(id));
  }

  Optional<YamlItem> upstream(String id) {
    return Optional.ofNullable(upstreamsById.get(id));
  }
}
