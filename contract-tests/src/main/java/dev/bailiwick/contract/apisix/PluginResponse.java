// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.util.List;
import java.util.Map;

/**
 * An upstream's answer as APISIX shows it to a runner on a route with {@code ext-plugin-post-resp}.
 *
 * @param variables what is told when the runner asks for a variable
 */
public record PluginResponse(
    int status, List<Entry> headers, byte[] body, Map<String, String> variables) {
  public PluginResponse {
    headers = List.copyOf(headers);
    variables = Map.copyOf(variables);
  }
}
