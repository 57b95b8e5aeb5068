// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix;

import com.google.common.cache.Cache;
import io.netty.channel.ChannelHandlerContext;
import org.apache.apisix.plugin.runner.A6Conf;
import org.apache.apisix.plugin.runner.A6ConfigWatcher;
import org.apache.apisix.plugin.runner.filter.PluginFilter;
import org.apache.apisix.plugin.runner.handler.RpcCallHandler;
import org.apache.apisix.plugin.runner.server.ApplicationRunner;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;

/** The stock runner's server, with a {@link ConnectionGuard} on every connection. */
final class GuardedRunner extends ApplicationRunner {
  /** The runner's decoder of frames; what stands in front of it sees bytes. */
  private static final String DECODER = "payloadDecoder";

  private final ConnectionGuard.Maker guards;

  @Autowired
  GuardedRunner(
      Cache<Long, A6Conf> cache,
      ObjectProvider<PluginFilter> filters,
      ObjectProvider<A6ConfigWatcher> watchers,
      ConnectionGuard.Maker guards) {
    super(cache, filters, watchers);
    this.guards = guards;
  }

  @Override
  public RpcCallHandler createA6HttpHandler(Cache<Long, A6Conf> cache) {
    return new RpcCallHandler(cache) {
      @Override
      public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.pipeline().addBefore(DECODER, "bailiwick", guards.make());
      }
    };
  }
}
