// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How many calls the org takes in a day. Thread-safe. */
final class UsageLimits {
  private int most = 15_000;
  private int used;

  synchronized void most(int calls) {
    most = calls;
  }

  /** Counts a call. False when the day's calls are used up. */
  synchronized boolean use() {
    if (used >= most) {
      return false;
    }
    used++;
    return true;
  }

  /** The value of {@code Sforce-Limit-Info}. */
  synchronized String info() {
    return "api-usage=" + used + "/" + most;
  }

  synchronized ObjectNode describe() {
    ObjectNode limits = JsonMapper.shared().createObjectNode();
    limits.putObject("DailyApiRequests").put("Max", most).put("Remaining", most - used);
    limits.putObject("DailyBulkV2QueryJobs").put("Max", 10_000).put("Remaining", 10_000);
    return limits;
  }
}
