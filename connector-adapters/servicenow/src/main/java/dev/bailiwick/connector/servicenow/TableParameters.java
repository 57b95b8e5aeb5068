// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The query parameters of a Table API request. The list is closed per method: what is not on it is
 * denied, also in another letter case or given twice.
 *
 * @param fields what {@code sysparm_fields} names; empty when the parameter is absent
 * @param filtered fields that {@code sysparm_query} looks at
 * @param displayValues whether references are resolved to what they show
 * @param crossesDomains whether {@code sysparm_query_no_domain} is on
 */
record TableParameters(
    Optional<Set<FieldName>> fields,
    Set<FieldName> filtered,
    boolean displayValues,
    boolean crossesDomains) {
  static final String FIELDS = "sysparm_fields";
  private static final String QUERY = "sysparm_query";
  private static final String DISPLAY_VALUE = "sysparm_display_value";
  private static final String NO_DOMAIN = "sysparm_query_no_domain";

  private static final Pattern FLAG = Pattern.compile("true|false");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern WORD = Pattern.compile("\\w{1,80}");
  private static final Pattern ANY = Pattern.compile(".*", Pattern.DOTALL);

  /** Every known parameter and the form of its value. */
  private static final Map<String, Pattern> FORMS =
      Map.ofEntries(
          Map.entry(FIELDS, ANY),
          Map.entry(QUERY, ANY),
          Map.entry(DISPLAY_VALUE, Pattern.compile("true|false|all")),
          Map.entry(NO_DOMAIN, FLAG),
          Map.entry("sysparm_exclude_reference_link", FLAG),
          Map.entry("sysparm_input_display_value", FLAG),
          Map.entry("sysparm_no_count", FLAG),
          Map.entry("sysparm_suppress_pagination_header", FLAG),
          Map.entry("sysparm_limit", NUMBER),
          Map.entry("sysparm_offset", NUMBER),
          Map.entry("sysparm_view", WORD),
          Map.entry("sysparm_query_category", WORD));

  private static final Set<String> SHAPE =
      Set.of(FIELDS, DISPLAY_VALUE, "sysparm_exclude_reference_link", "sysparm_view");
  private static final Set<String> LIST =
      Set.of(
          QUERY,
          NO_DOMAIN,
          "sysparm_no_count",
          "sysparm_suppress_pagination_header",
          "sysparm_limit",
          "sysparm_offset",
          "sysparm_query_category");

  TableParameters {
    fields = fields.map(Set::copyOf);
    filtered = Set.copyOf(filtered);
  }

  static TableParameters of(RequestTarget target, TableAction action) {
    Set<String> known = known(action);
    Set<String> seen = new HashSet<>();
    for (Parameter parameter : target.parameters()) {
      String name = parameter.name();
      if (!known.contains(name)) {
        throw unknown(name, action);
      }
      if (!seen.add(name)) {
        throw Denials.unknown("the parameter " + name + " is given twice: give it once");
      }
      Pattern form = FORMS.getOrDefault(name, FLAG);
      if (!form.matcher(parameter.value()).matches()) {
        throw Denials.unknown("the parameter " + name + " has a value that is not known");
      }
    }
    return new TableParameters(
        target.single(FIELDS).map(TableParameters::fieldList),
        target.single(QUERY).map(query -> EncodedQuery.parse(query).fields()).orElse(Set.of()),
        target.single(DISPLAY_VALUE).filter(value -> !value.equals("false")).isPresent(),
        target.single(NO_DOMAIN).filter("true"::equals).isPresent());
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
      }
      case UPDATE -> {
        known.addAll(SHAPE);
        known.add("sysparm_input_display_value");
        known.add(NO_DOMAIN);
      }
      case DELETE -> known.add(NO_DOMAIN);
    }
    return known;
  }

  private static RuntimeException unknown(String name, TableAction action) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (!name.equals(lower) && FORMS.containsKey(lower)) {
      return Denials.unknown("parameter names are lower case: write " + lower);
    }
    if (FORMS.containsKey(name)) {
      return Denials.unknown("the parameter " + name + " has no meaning for " + action.phrase());
    }
    return Denials.unknown(
        "the parameter "
            + Denials.shown(name)
            + " is not known: filter with sysparm_query, choose fields with sysparm_fields");
  }

  private static Set<FieldName> fieldList(String text) {
    Set<FieldName> fields = new LinkedHashSet<>();
    for (String name : text.split(",", -1)) {
      fields.add(FieldName.of(name.strip(), FIELDS));
    }
    return fields;
  }
}
