// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/** Our runner for Apache APISIX beside the published one. */
@NullMarked
package dev.bailiwick.benchmarks.apisix;

import org.jspecify.annotations.NullMarked;
