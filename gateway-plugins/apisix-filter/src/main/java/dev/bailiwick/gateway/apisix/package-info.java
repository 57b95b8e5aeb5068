// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The filter for the stock plugin runner of Apache APISIX: {@link
 * dev.bailiwick.gateway.apisix.BailiwickFilter} decides, {@link
 * dev.bailiwick.gateway.apisix.ConnectionGuard} sees to it that nothing else does.
 */
@NullMarked
package dev.bailiwick.gateway.apisix;

import org.jspecify.annotations.NullMarked;
