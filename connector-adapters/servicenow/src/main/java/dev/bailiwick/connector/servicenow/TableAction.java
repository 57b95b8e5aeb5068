// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.MalformedRequestException;

/** What a method does at a Table API path. PUT behaves as PATCH. */
enum TableAction {
  LIST("reading a table"),
  READ("reading one record"),
  CREATE("creating a record"),
  UPDATE("updating a record"),
  DELETE("deleting a record");

  private final String phrase;

  TableAction(String phrase) {
    this.phrase = phrase;
  }

  /** For a sentence. */
  String phrase() {
    return phrase;
  }

  boolean hasBody() {
    return this == CREATE || this == UPDATE;
  }

  static TableAction of(String method, TableEndpoint endpoint) {
    boolean record = endpoint.sysId().isPresent();
    return switch (method) {
      case "GET" -> record ? READ : LIST;
      case "POST" -> {
        if (record) {
          throw MalformedRequestException.unknown(
              "POST creates a record and takes no sys_id: use PATCH to update");
        }
        yield CREATE;
      }
      case "PUT", "PATCH" -> {
        if (!record) {
          throw MalformedRequestException.unknown(method + " needs a sys_id in the path");
        }
        yield UPDATE;
      }
      case "DELETE" -> {
        if (!record) {
          throw MalformedRequestException.unknown("DELETE needs a sys_id in the path");
        }
        yield DELETE;
      }
      default ->
          throw MalformedRequestException.unknown(
              "the Table API takes GET, POST, PUT, PATCH and DELETE only");
    };
  }
}
