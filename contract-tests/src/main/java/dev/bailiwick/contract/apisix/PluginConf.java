// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.util.List;

/**
 * The configuration of an {@code ext-plugin} on one route.
 *
 * @param key what APISIX tells it apart by: kind, route and version
 * @param filters names of filters with their configuration, in the order in which they run
 */
public record PluginConf(String key, List<Entry> filters) {
  public PluginConf {
    filters = List.copyOf(filters);
  }

  /** A configuration of one filter. */
  public static PluginConf of(String key, String filter, String value) {
    return new PluginConf(key, List.of(new Entry(filter, value)));
  }
}
