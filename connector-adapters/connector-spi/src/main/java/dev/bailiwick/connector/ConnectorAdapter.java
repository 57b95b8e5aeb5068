// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

/**
 * Makes connectors of one kind. Found through {@link java.util.ServiceLoader}; thread-safe and
 * without state.
 */
public interface ConnectorAdapter {

  /** The name that a bundle gives under {@code adapter}, such as {@code servicenow}. */
  String name();

  /**
   * Makes the connector for one entry of a bundle.
   *
   * @throws IllegalArgumentException when an option is unknown or wrong; the message names it and
   *     says what was expected
   */
  Connector connect(ConnectorSettings settings);
}
