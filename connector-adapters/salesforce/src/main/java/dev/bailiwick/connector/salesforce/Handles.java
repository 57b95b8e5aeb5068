// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Handle;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Query locators and the ids of bulk jobs. */
final class Handles {
  /** A query's cursor; the number behind it says only where in its rows a page begins. */
  private static final Pattern LOCATOR = Pattern.compile("([A-Za-z0-9]{15,40})-[0-9]{1,10}");

  private static final Pattern LOCATOR_LINK =
      Pattern.compile("/services/data/v[0-9.]+/query(?:All)?/([^/?#]+)");

  private static final Pattern JOB = Pattern.compile("(750[A-Za-z0-9]{12})(?:[A-Za-z0-9]{3})?");
  private static final Duration LOCATOR_LIFETIME = Duration.ofHours(1);
  private static final Duration JOB_LIFETIME = Duration.ofHours(24);

  private Handles() {}

  /** The locator in the last segment of a path. */
  static Optional<Handle> locator(String segment) {
    Matcher form = LOCATOR.matcher(segment);
    return form.matches()
        ? Optional.of(new Handle("locator", form.group(1), LOCATOR_LIFETIME))
        : Optional.empty();
  }

  /** The locator in a {@code nextRecordsUrl}. */
  static Optional<Handle> locatorOfLink(String link) {
    Matcher form = LOCATOR_LINK.matcher(link);
    return form.matches() ? locator(form.group(1)) : Optional.empty();
  }

  /** A job, by its id of 15 or 18 characters, of which the first 15 are the id. */
  static Optional<Handle> job(String id) {
    Matcher form = JOB.matcher(id);
    return form.matches()
        ? Optional.of(new Handle("job", form.group(1), JOB_LIFETIME))
        : Optional.empty();
  }
}
