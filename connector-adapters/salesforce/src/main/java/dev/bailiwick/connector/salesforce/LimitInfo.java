// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Usage;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * {@code Sforce-Limit-Info: api-usage=18/5000; per-app-api-usage=17/250(appName=sample)}. The name
 * of the app is left out: it may be anything.
 */
final class LimitInfo {
  private static final Pattern USAGE =
      Pattern.compile("(?<![\\w-])(api-usage|per-app-api-usage)=([0-9]{1,15})/([0-9]{1,15})");

  private LimitInfo() {}

  static List<Usage> of(Headers answer) {
    return answer.all("sforce-limit-info").stream()
        .flatMap(line -> USAGE.matcher(line).results())
        .map(
            found -> {
              long used = Long.parseLong(found.group(2));
              long allowed = Long.parseLong(found.group(3));
              return new Usage(
                  found.group(1),
                  OptionalLong.of(used),
                  OptionalLong.of(allowed),
                  OptionalLong.of(Math.max(0, allowed - used)));
            })
        .toList();
  }
}
