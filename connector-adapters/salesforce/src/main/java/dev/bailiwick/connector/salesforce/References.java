// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The references that a part of a composite request may make to the answers of earlier parts.
 *
 * <p>Salesforce fills them in after the request was ruled, so a reference may stand only where its
 * value cannot change what is done: as a whole id segment, with a value that Salesforce itself made
 * as an id. That is the id of a record, or a lookup that has this name on every object; elsewhere a
 * name such as {@code ExternalPostId} stands for a text. Not thread-safe.
 */
final class References {
  private static final Pattern FORM =
      Pattern.compile(
          "@\\{([A-Za-z0-9_]{1,80})((?:\\[\\d{1,4}])?(?:\\.[A-Za-z0-9_]{1,120}(?:\\[\\d{1,4}])?){0,20})"
              + "\\.([A-Za-z0-9]{1,120})}");

  private static final Set<String> IDS =
      Set.of(
          "id",
          "accountid",
          "assetid",
          "campaignid",
          "caseid",
          "contactid",
          "contentdocumentid",
          "contractid",
          "createdbyid",
          "individualid",
          "lastmodifiedbyid",
          "leadid",
          "managerid",
          "opportunityid",
          "orderid",
          "ownerid",
          "parentid",
          "pricebook2id",
          "pricebookentryid",
          "product2id",
          "profileid",
          "quoteid",
          "recordtypeid",
          "reportstoid",
          "userroleid",
          "whatid",
          "whoid");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,80}");

  /** Whether each earlier part answers with records. */
  private final Map<String, Boolean> parts = new HashMap<>();

  /** Where there are no references: nothing was answered before. */
  static References none() {
    return new References();
  }

  static boolean isReference(String segment) {
    return segment.contains("@{");
  }

  /** Takes the name of a part, from the next part on. */
  void add(String referenceId, boolean answersWithRecords) {
    if (!NAME.matcher(referenceId).matches()) {
      throw MalformedRequestException.body(
          "referenceId holds other characters than letters, digits and underscores");
    }
    if (parts.put(referenceId, answersWithRecords) != null) {
      throw MalformedRequestException.body("referenceId is used twice: " + referenceId);
    }
  }

  /** Requires that a reference can only become a record id. */
  void requireId(String segment) {
    Matcher form = FORM.matcher(segment);
    if (!form.matches() || !IDS.contains(form.group(3).toLowerCase(Locale.ROOT))) {
      throw MalformedRequestException.forbidden(
          "a reference in a URL must be a whole id segment and name a field that holds an id on"
              + " every object, such as @{ref.id} or @{ref.OwnerId}");
    }
    if (!parts.getOrDefault(form.group(1), false)) {
      throw MalformedRequestException.forbidden(
          "a reference in a URL names a part that does not stand before it, or does not answer with"
              + " records");
    }
  }
}
