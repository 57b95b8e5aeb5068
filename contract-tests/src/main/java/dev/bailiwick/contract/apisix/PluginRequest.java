// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as APISIX shows it to a runner.
 *
 * @param method upper-case method; one that the protocol has no number for never leaves APISIX
 * @param path the path that would go upstream at this point: decoded and normalised by nginx,
 *     unless a plugin before replaced it
 * @param arguments decoded; equal names stand together, the names in no particular order
 * @param headers lower-case names
 * @param source the peer
 * @param body what is told when the runner asks for the body
 * @param variables what is told when the runner asks for a variable
 */
public record PluginRequest(
    String method,
    String path,
    List<Entry> arguments,
    List<Entry> headers,
    InetAddress source,
    Body body,
    Map<String, String> variables) {
  public PluginRequest {
    arguments = List.copyOf(arguments);
    headers = List.copyOf(headers);
    variables = Map.copyOf(variables);
  }

  /** A body that comes off the client's connection only when it is asked for. */
  public interface Body {
    /** All of it; null when there is none. */
    byte @Nullable [] read() throws IOException;
  }

  /** The same with a body. */
  public PluginRequest withBody(Body content) {
    return new PluginRequest(method, path, arguments, headers, source, content, variables);
  }

  /** The same with arguments. */
  public PluginRequest withArguments(List<Entry> added) {
    return new PluginRequest(method, path, added, headers, source, body, variables);
  }

  /** A request without arguments, body and variables, from loopback. */
  public static PluginRequest of(String method, String path, List<Entry> headers) {
    return new PluginRequest(
        method, path, List.of(), headers, InetAddress.getLoopbackAddress(), () -> null, Map.of());
  }
}
