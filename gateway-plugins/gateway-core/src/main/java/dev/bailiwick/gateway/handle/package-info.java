// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/** Whose locators and jobs are whose. */
@NullMarked
package dev.bailiwick.gateway.handle;

import org.jspecify.annotations.NullMarked;
