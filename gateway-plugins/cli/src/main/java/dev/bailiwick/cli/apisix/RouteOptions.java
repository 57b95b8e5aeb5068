// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import java.net.URI;
import java.util.Optional;

/**
 * What a bundle does not say about a route.
 *
 * @param report where the runner takes reports; without it, upstream statuses stay unknown
 * @param responsePhase whether the runner rewrites bodies, at the price of the route's proxying
 * @param format how APISIX takes the route, since that decides how it reads its environment
 */
record RouteOptions(Optional<URI> report, boolean responsePhase, RouteText format) {}
