// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.apisix;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * One route of a front, with the plugins that Bailiwick puts on it.
 *
 * @param path the route's prefix, without a trailing slash
 * @param upstream where APISIX proxies to; pass_host is {@code pass}, so the runner sets the host
 * @param conf of {@code ext-plugin-pre-req}
 * @param degradation {@code allow_degradation}
 * @param target whether {@code proxy-rewrite} runs ahead, keeps the raw target and tells it and the
 *     request's id in headers
 * @param timeout how long the upstream may take; then 504
 * @param reports where {@code http-logger} posts to
 * @param responsePhase whether {@code ext-plugin-post-resp} runs, with the same configuration
 */
public record ApisixRoute(
    String path,
    URI upstream,
    PluginConf conf,
    boolean degradation,
    boolean target,
    Duration timeout,
    Optional<Reports> reports,
    boolean responsePhase) {

  /**
   * @param authorization the header's whole value; a secret, so it is never printed
   */
  public record Reports(URI uri, String authorization) {
    @Override
    public String toString() {
      return uri.toString();
    }
  }

  /** A route as {@code bailiwick apisix route} prints it, without reports. */
  public static ApisixRoute of(String path, URI upstream, PluginConf conf) {
    return new ApisixRoute(
        path, upstream, conf, false, true, Duration.ofSeconds(30), Optional.empty(), false);
  }

  public ApisixRoute degraded() {
    return new ApisixRoute(path, upstream, conf, true, target, timeout, reports, responsePhase);
  }

  public ApisixRoute withoutTarget() {
    return new ApisixRoute(
        path, upstream, conf, degradation, false, timeout, reports, responsePhase);
  }

  public ApisixRoute timeout(Duration limit) {
    return new ApisixRoute(
        path, upstream, conf, degradation, target, limit, reports, responsePhase);
  }

  public ApisixRoute reports(Reports to) {
    return new ApisixRoute(
        path, upstream, conf, degradation, target, timeout, Optional.of(to), responsePhase);
  }

  public ApisixRoute withResponsePhase() {
    return new ApisixRoute(path, upstream, conf, degradation, target, timeout, reports, true);
  }
}
