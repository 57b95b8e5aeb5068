// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import dev.bailiwick.connector.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a simulated vendor answers.
 *
 * @param status HTTP status
 * @param headers header lines
 * @param body the body's bytes; empty when there is none
 */
public record SimulatedAnswer(int status, Headers headers, byte[] body) {
  public static SimulatedAnswer empty(int status) {
    return new SimulatedAnswer(status, Headers.none(), new byte[0]);
  }

  public static SimulatedAnswer json(int status, JsonNode body) {
    return of(
        status, "application/json;charset=UTF-8", JsonMapper.shared().writeValueAsBytes(body));
  }

  public static SimulatedAnswer text(int status, String contentType, String body) {
    return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  public static SimulatedAnswer of(int status, String contentType, byte[] body) {
    return new SimulatedAnswer(status, Headers.none().with("Content-Type", contentType), body);
  }

  /** This answer with one more header line. */
  public SimulatedAnswer with(String name, String value) {
    List<Headers.Field> fields = new ArrayList<>(headers.fields());
    fields.add(new Headers.Field(name, value));
    return new SimulatedAnswer(status, Headers.of(fields), body);
  }

  public boolean isGood() {
    return status >= 200 && status < 300;
  }

  /** The status only: header values and body may hold a credential. */
  @Override
  public String toString() {
    return "HTTP " + status;
  }
}
