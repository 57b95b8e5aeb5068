// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Tables as text with a header line. */
public final class Csv {
  private static final CsvMapper CSV = new CsvMapper();

  private Csv() {}

  /** The lines of a table, by the names of its header. */
  public static List<Map<String, String>> read(String text) {
    try (MappingIterator<Map<String, String>> lines =
        CSV.readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(text)) {
      return lines.readAll();
    }
  }

  /** A table with every column that one of its lines has. */
  public static String write(List<Map<String, String>> lines) {
    Set<String> columns = new LinkedHashSet<>();
    lines.forEach(line -> columns.addAll(line.keySet()));
    if (columns.isEmpty()) {
      return "\n";
    }
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.forEach(schema::addColumn);
    return CSV.writerFor(List.class)
        .with(schema.build().withHeader())
        .writeValueAsString(lines.stream().map(line -> filled(line, columns)).toList());
  }

  private static Map<String, String> filled(Map<String, String> line, Set<String> columns) {
    Map<String, String> filled = new LinkedHashMap<>();
    columns.forEach(column -> filled.put(column, line.getOrDefault(column, "")));
    return filled;
  }
}
