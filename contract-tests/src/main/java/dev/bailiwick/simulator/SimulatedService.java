// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

/** What stands behind a simulator's port. Must be thread-safe. */
@FunctionalInterface
public interface SimulatedService {
  SimulatedAnswer answer(SimulatedCall call);
}
