/**
 * The filter for Spring Cloud Gateway (WebFlux). It maps the gateway's exchange to the request walk
 * of {@link dev.bailiwick.gateway.GatewayPipeline} and the outcome back, and decides nothing by
 * itself. Nothing here blocks an event loop.
 */
@NullMarked
package dev.bailiwick.gateway.spring;

import org.jspecify.annotations.NullMarked;
