/**
 * What every gateway host must do with the same bundle, over real HTTP: {@link
 * dev.bailiwick.contract.gateway.GatewayContract} and the raw client that it speaks through.
 */
@NullMarked
package dev.bailiwick.contract.gateway;

import org.jspecify.annotations.NullMarked;
