// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Changes: {@code /api/sn_chg_rest/change[/normal|/emergency|/standard][/<sys_id>]}. They are
 * records of {@code change_request} and held to that table's rules. Answers show whole records with
 * display values and cannot be narrowed, so a write needs to read them, too.
 */
final class ChangeFamily implements Family {
  private static final String STANDARD = "standard";
  private static final Set<String> TYPES = Set.of("normal", "emergency", STANDARD);
  private static final Map<String, Pattern> LIST =
      Map.of(
          "sysparm_query",
          KnownParameters.ANY,
          KnownParameters.LIMIT,
          KnownParameters.NUMBER,
          "sysparm_offset",
          KnownParameters.NUMBER);

  /**
   * @param type the type in the path, if any
   * @param sysId what follows it: a change, or the template of a new standard change
   */
  private record Place(Optional<String> type, Optional<String> sysId) {
    static Place of(ApiPath path) {
      List<String> rest = path.rest();
      if (rest.isEmpty()
          || !rest.getFirst().equals("change")
          || path.trailingSlash()
          || rest.size() > 3) {
        throw unknown();
      }
      boolean typed = rest.size() > 1 && TYPES.contains(rest.get(1));
      int at = typed ? 2 : 1;
      if (rest.size() > at + 1) {
        throw unknown();
      }
      return new Place(
          typed ? Optional.of(rest.get(1)) : Optional.empty(),
          rest.size() > at ? Optional.of(path.sysId(at)) : Optional.empty());
    }

    boolean isStandard() {
      return type.filter(STANDARD::equals).isPresent();
    }
  }

  private static RuntimeException unknown() {
    return MalformedRequestException.unknown(
        "of the change management family, only GET, POST and PATCH of"
            + " /change[/normal|/emergency|/standard][/<sys_id>] are known");
  }

  @Override
  public boolean owns(ApiPath path) {
    return path.namespace().equals("sn_chg_rest");
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    RequestTarget target = head.target();
    Place place = Place.of(path);
    Action action = action(head.method(), place);
    boolean list = action == Action.READ && place.sysId.isEmpty();
    KnownParameters.check(target, list ? LIST : Map.of(), "a change");
    RowBound rows = list ? KnownParameters.rows(target) : RowBound.one();
    Set<FieldName> filtered =
        target
            .single("sysparm_query")
            .map(query -> EncodedQuery.parse(query).fields())
            .orElse(Set.of());
    if (action == Action.READ) {
      return Classification.withoutBody(
          Call.of(operations(action, place, filtered, Set.of(), rows), target));
    }
    return Classification.readingJson(
        head.headers(),
        body ->
            Call.of(
                operations(action, place, filtered, written(body, action, place), rows), target));
  }

  private static List<Operation> operations(
      Action action, Place place, Set<FieldName> filtered, Set<FieldName> written, RowBound rows) {
    TableUse use = new TableUse("change_request", Set.of(), filtered, written, true, rows);
    List<Operation> operations = new ArrayList<>();
    if (action != Action.READ) {
      operations.add(use.writing(action));
    }
    if (action == Action.CREATE && place.isStandard()) {
      // Its template sets fields that cannot be seen from here, and approves the change as well.
      operations.add(Operation.of("change", STANDARD, Action.EXECUTE, FieldUse.none()));
    }
    operations.add(use.reading());
    operations.addAll(use.walks());
    operations.add(use.displayValues());
    return operations;
  }

  private static Action action(String method, Place place) {
    boolean named = place.sysId.isPresent();
    return switch (method) {
      case "GET" -> Action.READ;
      // A standard change is made from the template that its path names, all others from nothing.
      case "POST" -> {
        if (named != place.isStandard()) {
          throw unknown();
        }
        yield Action.CREATE;
      }
      case "PATCH" -> {
        if (!named) {
          throw unknown();
        }
        yield Action.UPDATE;
      }
      default -> throw unknown();
    };
  }

  private static Set<FieldName> written(JsonValue body, Action action, Place place) {
    Set<FieldName> fields =
        new HashSet<>(
            WrittenFields.of(
                body, action == Action.CREATE ? TableAction.CREATE : TableAction.UPDATE));
    if (action == Action.CREATE && place.type.isPresent()) {
      fields.add(new FieldName("type"));
    }
    return fields;
  }
}
