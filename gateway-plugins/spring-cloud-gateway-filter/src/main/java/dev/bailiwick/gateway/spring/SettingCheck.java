// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.spring;

import java.util.List;

/** Finds settings of the host that would undo a decision or show a credential. */
@FunctionalInterface
interface SettingCheck {

  /** A sentence for each problem: what is set, why it does harm, what to do. */
  List<String> problems();
}
