// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.simulator.SimulatedAnswer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An error as Workday's REST API answers it. */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;

  Problem(int status, String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
  }

  static Problem notFound() {
    return new Problem(404, "S21", "resource not found");
  }

  static Problem query(String message) {
    return new Problem(400, "A1014", message);
  }

  static Problem notAuthenticated() {
    return new Problem(401, "S22", "invalid or expired access token");
  }

  SimulatedAnswer answer() {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("error", getMessage());
    body.putArray("errors").addObject().put("error", getMessage()).put("code", code);
    return SimulatedAnswer.json(status, body);
  }
}
