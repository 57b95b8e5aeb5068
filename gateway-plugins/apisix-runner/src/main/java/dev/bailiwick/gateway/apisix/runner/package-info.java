// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/**
 * A plugin runner for Apache APISIX: gateway-core behind the wire protocol of {@code ext-plugin}.
 * Start reading at {@link dev.bailiwick.gateway.apisix.runner.Conversation}: one call, from its
 * frame to its answer.
 *
 * <p>Text of the protocol is bytes; here it is held one character a byte (ISO 8859-1).
 */
@NullMarked
package dev.bailiwick.gateway.apisix.runner;

import org.jspecify.annotations.NullMarked;
