// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The query parameters of a Table API request. The list is closed per method: what is not on it is
 * denied, also in another letter case or given twice.
 *
 * @param fields what {@code sysparm_fields} names; empty when the parameter is absent
 * @param filtered fields that {@code sysparm_query} looks at
 * @param view whether the answer shows the fields of a view, which no {@code sysparm_fields} names
 * @param displayValues whether references are resolved to what they show
 * @param crossesDomains whether {@code sysparm_query_no_domain} is on
 * @param rows how many rows the answer shows
 */
record TableParameters(
    Optional<Set<FieldName>> fields,
    Set<FieldName> filtered,
    boolean view,
    boolean displayValues,
    boolean crossesDomains,
    RowBound rows) {
  static final String FIELDS = "sysparm_fields";
  private static final String QUERY = "sysparm_query";
  private static final String DISPLAY_VALUE = "sysparm_display_value";
  private static final String VIEW = "sysparm_view";
  private static final String SUPPRESS_SYSTEM_FIELDS = "sysparm_suppress_auto_sys_field";
  private static final String NO_DOMAIN = "sysparm_query_no_domain";

  /** Every known parameter and the form of its value. */
  private static final Map<String, Pattern> FORMS =
      Map.ofEntries(
          Map.entry(FIELDS, KnownParameters.ANY),
          Map.entry(QUERY, KnownParameters.ANY),
          Map.entry(DISPLAY_VALUE, KnownParameters.DISPLAY_VALUE),
          Map.entry(NO_DOMAIN, KnownParameters.FLAG),
          Map.entry("sysparm_exclude_reference_link", KnownParameters.FLAG),
          Map.entry("sysparm_input_display_value", KnownParameters.FLAG),
          // Without it the instance itself writes who changed a record and when.
          Map.entry(SUPPRESS_SYSTEM_FIELDS, KnownParameters.OFF),
          Map.entry("sysparm_no_count", KnownParameters.FLAG),
          Map.entry("sysparm_suppress_pagination_header", KnownParameters.FLAG),
          Map.entry(KnownParameters.LIMIT, KnownParameters.NUMBER),
          Map.entry("sysparm_offset", KnownParameters.NUMBER),
          Map.entry(VIEW, KnownParameters.WORD),
          Map.entry("sysparm_query_category", KnownParameters.WORD));

  private static final Set<String> SHAPE =
      Set.of(FIELDS, DISPLAY_VALUE, "sysparm_exclude_reference_link", VIEW);
  private static final Set<String> LIST =
      Set.of(
          QUERY,
          NO_DOMAIN,
          "sysparm_no_count",
          "sysparm_suppress_pagination_header",
          KnownParameters.LIMIT,
          "sysparm_offset",
          "sysparm_query_category");

  private static final Map<TableAction, Map<String, Pattern>> KNOWN =
      new EnumMap<>(
          Stream.of(TableAction.values())
              .collect(Collectors.toMap(Function.identity(), TableParameters::forms)));

  TableParameters {
    fields = fields.map(Set::copyOf);
    filtered = Set.copyOf(filtered);
  }

  static TableParameters of(RequestTarget target, TableAction action) {
    KnownParameters.check(
        target, KNOWN.getOrDefault(action, Map.of()), FORMS.keySet(), action.phrase());
    return new TableParameters(
        target.single(FIELDS).map(text -> KnownParameters.fields(text, FIELDS)),
        target.single(QUERY).map(query -> EncodedQuery.parse(query).fields()).orElse(Set.of()),
        target.single(VIEW).isPresent() && target.single(FIELDS).isEmpty(),
        target.single(DISPLAY_VALUE).filter(value -> !value.equals("false")).isPresent(),
        target.single(NO_DOMAIN).filter("true"::equals).isPresent(),
        action == TableAction.LIST ? KnownParameters.rows(target) : RowBound.one());
  }

  private static Map<String, Pattern> forms(TableAction action) {
    Map<String, Pattern> forms = new HashMap<>(FORMS);
    forms.keySet().retainAll(known(action));
    return Map.copyOf(forms);
  }

  private static Set<String> known(TableAction action) {
    Set<String> known = new HashSet<>();
    switch (action) {
      case LIST -> {
        known.addAll(SHAPE);
        known.addAll(LIST);
      }
      case READ -> {
        known.addAll(SHAPE);
        known.add(NO_DOMAIN);
      }
      case CREATE -> {
        known.addAll(SHAPE);
        known.add("sysparm_input_display_value");
        known.add(SUPPRESS_SYSTEM_FIELDS);
      }
      case UPDATE -> {
        known.addAll(SHAPE);
        known.add("sysparm_input_display_value");
        known.add(SUPPRESS_SYSTEM_FIELDS);
        known.add(NO_DOMAIN);
      }
      case DELETE -> known.add(NO_DOMAIN);
    }
    return known;
  }
}
