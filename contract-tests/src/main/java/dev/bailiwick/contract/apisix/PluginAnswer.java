// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What APISIX made of a call to a runner. */
public sealed interface PluginAnswer {

  /**
   * The request goes upstream, changed.
   *
   * @param path null keeps it
   * @param headers to set; without a value, to remove
   * @param arguments to set; without a value, to remove
   * @param body empty keeps the client's
   * @param responseHeaders to set on the answer
   */
  record Rewrite(
      @Nullable String path,
      List<Entry> headers,
      List<Entry> arguments,
      byte[] body,
      List<Entry> responseHeaders)
      implements PluginAnswer {}

  /** The client gets this. */
  record Stop(int status, List<Entry> headers, byte[] body) implements PluginAnswer {}

  /** The request goes upstream as it is. */
  record Unchanged() implements PluginAnswer {}

  /**
   * The upstream's answer is changed.
   *
   * @param status 0 keeps it
   * @param headers instead of the upstream's; empty keeps them
   * @param body empty keeps it
   */
  record Response(int status, List<Entry> headers, byte[] body) implements PluginAnswer {}

  /** The client gets 503, unless the route allows degradation. */
  record Failed(String why) implements PluginAnswer {}
}
