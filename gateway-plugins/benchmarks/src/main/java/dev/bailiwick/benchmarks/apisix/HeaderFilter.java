// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.benchmarks.apisix;

import org.apache.apisix.plugin.runner.HttpRequest;
import org.apache.apisix.plugin.runner.HttpResponse;
import org.apache.apisix.plugin.runner.filter.PluginFilter;
import org.apache.apisix.plugin.runner.filter.PluginFilterChain;

/** Sets one header. Loaded by the published runner, in its own process. */
final class HeaderFilter implements PluginFilter {
  static final String NAME = "header";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void filter(HttpRequest request, HttpResponse response, PluginFilterChain chain) {
    request.setHeader("x-benchmark", "1");
    chain.filter(request, response);
  }
}
