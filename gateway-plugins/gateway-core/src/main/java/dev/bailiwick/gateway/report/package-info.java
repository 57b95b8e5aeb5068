// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/** How a host that does not see answers is told of them: over HTTP, by whoever proxies. */
@NullMarked
package dev.bailiwick.gateway.report;

import org.jspecify.annotations.NullMarked;
