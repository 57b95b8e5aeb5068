// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import java.nio.file.Path;

/** A gateway under test, with the filter of one host in it. */
public interface GatewayHost extends AutoCloseable {

  /**
   * What a host is started with.
   *
   * @param bundle the policy bundle
   * @param vault the vault file with the credentials that the bundle refers to
   * @param vaultKey the key file of the vault
   * @param audit the directory of the audit trail
   */
  record Setup(Path bundle, Path vault, Path vaultKey, Path audit) {}

  /** The port of 127.0.0.1 on which agents reach it. */
  int port();

  @Override
  void close();
}
