// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes SOQL that the simulated org can run, in every shape that the grammar offers. */
final class QueryMaker {
  static final Map<String, List<String>> FIELDS =
      Map.of(
          "Account", List.of("Id", "Name", "Industry", "Phone", "AnnualRevenue", "OwnerId"),
          "Contact", List.of("Id", "LastName", "Email", "Title", "AccountId", "Birthdate"),
          "Opportunity", List.of("Id", "Name", "StageName", "Amount", "AccountId"),
          "Case", List.of("Id", "Subject", "Status", "Priority", "ContactId"),
          "Task", List.of("Id", "Subject", "Status", "Priority"),
          "User", List.of("Id", "Name", "Email", "Title", "IsActive"),
          "Invoice__c", List.of("Id", "Name", "Amount__c", "Paid__c"));

  private static final Map<String, Map<String, String>> PARENTS =
      Map.of(
          "Account", Map.of("Owner", "User", "Parent", "Account"),
          "Contact", Map.of("Account", "Account", "Owner", "User", "ReportsTo", "Contact"),
          "Opportunity", Map.of("Account", "Account", "Owner", "User"),
          "Case", Map.of("Contact", "Contact", "Account", "Account", "CreatedBy", "User"),
          "Task", Map.of("Owner", "User"),
          "User", Map.of("Manager", "User"),
          "Invoice__c", Map.of("Account__r", "Account"));

  private static final Map<String, Map<String, String>> CHILDREN =
      Map.of(
          "Account",
              Map.of(
                  "Contacts", "Contact",
                  "Opportunities", "Opportunity",
                  "Cases", "Case",
                  "ChildAccounts", "Account",
                  "Invoices__r", "Invoice__c"),
          "Contact", Map.of("Cases", "Case"),
          "User", Map.of("ManagedUsers", "User"));

  private final Random random;

  QueryMaker(Random random) {
    this.random = random;
  }

  String query() {
    return query(oneOf(FIELDS.keySet().stream().sorted().toList()));
  }

  private String query(String object) {
    if (random.nextInt(8) == 0) {
      return aggregate(object);
    }
    String alias = random.nextInt(5) == 0 ? " x" : "";
    String from = cased(object) + alias;
    StringBuilder columns = new StringBuilder(columns(object, alias.isEmpty() ? "" : "x."));
    if (alias.isEmpty() && CHILDREN.containsKey(object) && random.nextInt(3) == 0) {
      columns.append(", ").append(children(object));
    }
    if (object.equals("Task") && random.nextBoolean()) {
      columns.append(
          ", TYPEOF Who WHEN Contact THEN Title, Email WHEN Lead THEN Company ELSE Name END");
    }
    return keyword("SELECT ")
        + columns
        + keyword(" FROM ")
        + from
        + where(object, 2)
        + order(object)
        + oneOf(List.of("", "", " LIMIT 2", " LIMIT 3 OFFSET 1", " FOR VIEW", " FOR REFERENCE"));
  }

  private String columns(String object, String prefix) {
    if (random.nextInt(12) == 0 && prefix.isEmpty()) {
      return "FIELDS(ALL)";
    }
    return IntStream.range(0, 1 + random.nextInt(3))
        .mapToObj(i -> prefix + path(object))
        .distinct()
        .collect(Collectors.joining(random.nextBoolean() ? ", " : ","));
  }

  private String children(String object) {
    String relationship = oneOf(CHILDREN.get(object).keySet().stream().sorted().toList());
    String child = CHILDREN.get(object).get(relationship);
    return "("
        + keyword("SELECT ")
        + columns(child, "")
        + keyword(" FROM ")
        + cased(relationship)
        + where(child, 1)
        + order(child)
        + ")";
  }

  private String aggregate(String object) {
    String by = path(object);
    return "SELECT "
        + by
        + ", "
        + oneOf(List.of("COUNT(Id)", "MAX(" + path(object) + ")", "COUNT_DISTINCT(Id)"))
        + " FROM "
        + cased(object)
        + where(object, 1)
        + " GROUP BY "
        + by
        + oneOf(List.of("", " HAVING COUNT(Id) > 1", " HAVING MIN(" + path(object) + ") != null"));
  }

  private String where(String object, int depth) {
    return random.nextBoolean() ? "" : keyword(" WHERE ") + condition(object, depth);
  }

  private String condition(String object, int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      return "("
          + condition(object, depth - 1)
          + oneOf(List.of(" AND ", " OR "))
          + condition(object, depth - 1)
          + ")";
    }
    if (depth > 0 && random.nextInt(4) == 0) {
      return semiJoin(depth);
    }
    String test =
        path(object)
            + oneOf(
                List.of(
                    " = 'x'",
                    " != null",
                    " LIKE '%o%'",
                    " IN ('a', 'b')",
                    " NOT IN ('a')",
                    " > '1'",
                    " <= 'zz'"));
    return random.nextInt(6) == 0 ? "(NOT " + test + ")" : test;
  }

  private String semiJoin(int depth) {
    String other = oneOf(List.of("Contact", "Opportunity", "Case"));
    String field = other.equals("Case") ? "ContactId" : "AccountId";
    return "Id"
        + oneOf(List.of(" IN ", " NOT IN "))
        + "(SELECT "
        + field
        + " FROM "
        + cased(other)
        + (random.nextBoolean() ? " WHERE " + condition(other, depth - 1) : "")
        + ")";
  }

  private String order(String object) {
    return random.nextInt(3) == 0
        ? keyword(" ORDER BY ") + path(object) + oneOf(List.of("", " DESC", " ASC NULLS LAST"))
        : "";
  }

  /** A field, or one behind up to three relationships. */
  String path(String object) {
    StringBuilder path = new StringBuilder();
    String at = object;
    for (int hops = random.nextInt(4); hops > 1 && PARENTS.containsKey(at); hops--) {
      String step = oneOf(PARENTS.get(at).keySet().stream().sorted().toList());
      path.append(cased(step)).append('.');
      at = PARENTS.get(at).get(step);
    }
    return path + cased(oneOf(FIELDS.get(at)));
  }

  /** Names and keywords are compared without regard to case. */
  String cased(String name) {
    return switch (random.nextInt(6)) {
      case 0 -> name.toLowerCase(Locale.ROOT);
      case 1 -> name.toUpperCase(Locale.ROOT);
      default -> name;
    };
  }

  private String keyword(String word) {
    return random.nextInt(4) == 0 ? word.toLowerCase(Locale.ROOT) : word;
  }

  private <T> T oneOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
