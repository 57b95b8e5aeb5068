// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Optional;

/**
 * One expectation of a cases file: who attempts what, and what the bundle has to answer.
 *
 * @param because why it has to be so, in the author's words
 * @param agent the agent's name in the bundle
 * @param attempt what it attempts
 * @param input what conditions look at
 * @param allowed whether it has to be permitted
 * @param rule the scope of the line that has to decide, where the author cares
 * @param line where the case stands in its file, from 1
 */
public record PolicyCase(
    String because,
    String agent,
    Attempt attempt,
    Condition.Input input,
    boolean allowed,
    Optional<Scope> rule,
    int line) {}
