// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

import java.util.List;

/** An upstream's answer as APISIX shows it. */
record ResponseCall(long id, long token, int status, List<WireEntry> headers) {}
