// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/** Routes of Apache APISIX: printed from a bundle, and checked. */
@NullMarked
package dev.bailiwick.cli.apisix;

import org.jspecify.annotations.NullMarked;
