// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.util.Map;

/** A compiled {@code when} expression (CEL). Thread-safe. */
public interface Condition {

  /**
   * What an expression may look at.
   *
   * @param principal {@code principal.sub}, {@code principal.issuer}, {@code principal.groups} and
   *     the other mapped claims
   * @param token {@code token.task}, {@code token.acr}, {@code token.depth}, …
   * @param operation {@code operation.family}, {@code .object}, {@code .action}, {@code .fields}
   * @param request {@code request.method}, {@code request.path}
   */
  record Input(
      Map<String, Object> principal,
      Map<String, Object> token,
      Map<String, Object> operation,
      Map<String, Object> request) {}

  /**
   * True when the condition holds. An expression that fails, for instance because a claim is
   * missing, does not hold.
   */
  boolean holds(Input input);

  /** The expression as it stands in the bundle. */
  String text();
}
