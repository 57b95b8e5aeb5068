// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Apache APISIX as a plugin runner and a client see it: {@link
 * dev.bailiwick.contract.apisix.ExtPluginClient} speaks the runner's wire protocol as APISIX 3.18
 * does, {@link dev.bailiwick.contract.apisix.ApisixFront} puts the rest of the gateway around it.
 *
 * <p>Text is kept as nginx keeps it, as bytes: a string here holds one character per byte (ISO
 * 8859-1).
 */
@NullMarked
package dev.bailiwick.contract.apisix;

import org.jspecify.annotations.NullMarked;
