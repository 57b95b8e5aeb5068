// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.net.URI;
import java.util.Map;
import java.util.Objects;

/**
 * One connector of a bundle, as its adapter sees it.
 *
 * @param name the connector's name in the bundle and in scopes
 * @param upstream the origin of the vendor's system: scheme, host and port, nothing else
 * @param external where agents reach this connector: the gateway's external URL and the mount
 *     point, without a trailing slash
 * @param options adapter-specific settings, such as {@code apiKeyHeader}
 */
public record ConnectorSettings(
    String name, URI upstream, URI external, Map<String, String> options) {
  public ConnectorSettings {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(external, "external");
    if (upstream.getHost() == null
        || upstream.getScheme() == null
        || upstream.getRawUserInfo() != null
        || upstream.getRawQuery() != null
        || !(upstream.getRawPath().isEmpty() || upstream.getRawPath().equals("/"))) {
      throw new IllegalArgumentException("upstream: expected an origin such as https://host");
    }
    options = Map.copyOf(options);
  }
}
