// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package com.example.filters;

import org.apache.apisix.plugin.runner.HttpRequest;
import org.apache.apisix.plugin.runner.HttpResponse;
import org.apache.apisix.plugin.runner.filter.PluginFilter;
import org.apache.apisix.plugin.runner.filter.PluginFilterChain;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

/** What a team has in its runner beside ours; loaded in the runner's process. */
public final class OtherFilters
    implements ApplicationContextInitializer<GenericApplicationContext> {

  private interface Filtering {
    void filter(HttpRequest request, HttpResponse response);
  }

  private record Other(String name, Filtering filtering) implements PluginFilter {
    @Override
    public void filter(HttpRequest request, HttpResponse response, PluginFilterChain chain) {
      filtering.filter(request, response);
      chain.filter(request, response);
    }
  }

  @Override
  public void initialize(GenericApplicationContext context) {
    add(context, "set-header", (request, response) -> request.setHeader("X-Team", "1"));
    add(
        context,
        "throw",
        (request, response) -> {
          throw new IllegalStateException("on purpose");
        });
  }

  private static void add(GenericApplicationContext context, String name, Filtering filtering) {
    context.registerBean(name, PluginFilter.class, () -> new Other(name, filtering));
  }
}
