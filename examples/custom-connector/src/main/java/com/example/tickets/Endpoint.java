// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.tickets;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import java.util.List;
import java.util.Set;

/** The closed list of what the API offers, and which query parameters each of it takes. */
enum Endpoint {
  LIST,
  READ,
  CREATE,
  COMMENT;

  private static final Set<String> LIST_TAKES =
      Set.of("fields", "status", "assignee", "sort", "page", "per_page");

  private static final Set<String> READ_TAKES = Set.of("fields", "include");

  static Endpoint of(String method, RequestTarget target) {
    List<String> path = target.segments();
    if (!isTickets(path) || target.trailingSlash()) {
      throw unknown();
    }
    return switch (method + " " + path.size()) {
      case "GET 2" -> LIST;
      case "POST 2" -> CREATE;
      case "GET 3" -> READ;
      case "POST 4" -> COMMENT;
      default -> throw unknown();
    };
  }

  /** {@code v1/tickets}, {@code v1/tickets/<id>} or {@code v1/tickets/<id>/comments}. */
  private static boolean isTickets(List<String> path) {
    return path.size() >= 2
        && path.size() <= 4
        && path.subList(0, 2).equals(List.of("v1", "tickets"))
        && (path.size() < 3 || path.get(2).matches("[1-9][0-9]{0,17}"))
        && (path.size() < 4 || path.get(3).equals("comments"));
  }

  private static MalformedRequestException unknown() {
    return MalformedRequestException.unknown(
        "known are GET and POST /v1/tickets, GET /v1/tickets/<id> and POST"
            + " /v1/tickets/<id>/comments");
  }

  boolean takes(String parameter) {
    return switch (this) {
      case LIST -> LIST_TAKES.contains(parameter);
      case READ -> READ_TAKES.contains(parameter);
      case CREATE, COMMENT -> false;
    };
  }
}
