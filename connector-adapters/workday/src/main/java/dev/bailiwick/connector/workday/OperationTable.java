// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.MalformedRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The REST operations that are served, read from {@code operations.txt}. Immutable. */
final class OperationTable {
  private static final String FILE = "operations.txt";
  private static final String ID = "{id}";
  private static final Pattern ID_FORM =
      Pattern.compile("[0-9a-f]{32}|[A-Za-z][A-Za-z0-9_]{0,79}=[A-Za-z0-9_.@ -]{1,120}");

  private static final OperationTable SERVED = load();

  private final List<Entry> entries;

  private OperationTable(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * One operation.
   *
   * @param template path below the tenant, segment by segment
   * @param trailingSlash whether the path ends in a slash
   * @param area functional area as one word, the family of its scope
   * @param parameters query parameters that it takes, beside those for paging
   */
  record Entry(
      String service,
      Set<String> versions,
      String method,
      List<String> template,
      boolean trailingSlash,
      String area,
      Action action,
      Set<String> parameters) {
    Entry {
      versions = Set.copyOf(versions);
      template = List.copyOf(template);
      parameters = Set.copyOf(parameters);
    }

    /** The names in the path: {@code workers.paySlips}. */
    String object() {
      return template.stream().filter(name -> !name.equals(ID)).collect(Collectors.joining("."));
    }

    boolean hasBody() {
      return !method.equals("GET") && !method.equals("DELETE");
    }

    /** Whether the answer is a list, which is asked for page by page. */
    boolean pages() {
      return method.equals("GET") && !template.getLast().equals(ID);
    }

    private boolean hasPath(List<String> path, boolean slash) {
      if (path.size() != template.size() || slash != trailingSlash) {
        return false;
      }
      for (int i = 0; i < path.size(); i++) {
        String name = template.get(i);
        boolean same =
            name.equals(ID) ? ID_FORM.matcher(path.get(i)).matches() : name.equals(path.get(i));
        if (!same) {
          return false;
        }
      }
      return true;
    }
  }

  static OperationTable served() {
    return SERVED;
  }

  List<Entry> entries() {
    return entries;
  }

  /** Finds an operation; denies with the first thing that is not known: service, version, path. */
  Entry find(String method, String service, String version, List<String> path, boolean slash) {
    List<Entry> ofService = entries.stream().filter(e -> e.service.equals(service)).toList();
    if (ofService.isEmpty()) {
      throw MalformedRequestException.unknown(
          "the service "
              + MalformedRequestException.shown(service)
              + " is not in the table of operations");
    }
    List<Entry> ofVersion = ofService.stream().filter(e -> e.versions.contains(version)).toList();
    if (ofVersion.isEmpty()) {
      throw MalformedRequestException.unknown(
          "version "
              + MalformedRequestException.shown(version)
              + " of "
              + service
              + " is not in the table of operations: use "
              + String.join(", ", ofService.getFirst().versions));
    }
    List<Entry> ofPath = ofVersion.stream().filter(e -> e.hasPath(path, slash)).toList();
    if (ofPath.isEmpty()) {
      throw MalformedRequestException.unknown(
          "this path of "
              + service
              + " is not in the table of operations; an id is 32 hex digits or <type>=<id>");
    }
    Optional<Entry> found = ofPath.stream().filter(e -> e.method.equals(method)).findFirst();
    return found.orElseThrow(
        () ->
            MalformedRequestException.unknown(
                ofPath.getFirst().object()
                    + " takes "
                    + ofPath.stream().map(Entry::method).collect(Collectors.joining(", "))
                    + " only"));
  }

  private static OperationTable load() {
    try (InputStream in = OperationTable.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException(FILE + " is missing beside its class");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the written form; throws {@link IllegalArgumentException} naming the line. */
  static OperationTable parse(String text) {
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    String service = "";
    Set<String> versions = Set.of();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      List<String> words = List.of(line.strip().split("\\s+"));
      if (words.getFirst().equals("service") && words.size() > 2) {
        service = words.get(1);
        versions = Set.copyOf(words.subList(2, words.size()));
        continue;
      }
      if (service.isEmpty() || words.size() < 4 || !seen.add(service + words.subList(0, 2))) {
        throw new IllegalArgumentException(
            FILE + ":" + number + ": expected a new operation below its service");
      }
      entries.add(entry(service, versions, words, FILE + ":" + number));
    }
    return new OperationTable(entries);
  }

  private static Entry entry(
      String service, Set<String> versions, List<String> words, String place) {
    String path = words.get(1);
    if (!path.matches("(/(\\w+|\\{id}))+/?")) {
      throw new IllegalArgumentException(place + ": expected a path such as /workers/{id}");
    }
    boolean slash = path.endsWith("/");
    String inner = path.substring(1, path.length() - (slash ? 1 : 0));
    return new Entry(
        service,
        versions,
        words.get(0),
        List.of(inner.split("/", -1)),
        slash,
        words.get(2),
        Action.valueOf(words.get(3).toUpperCase(Locale.ROOT)),
        Set.copyOf(words.subList(4, words.size())));
  }
}
