// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

/** What every connection works with. Thread-safe. */
interface Runner {
  RunnerSettings.Limits limits();

  ConfTokens confs();

  RunnerMetrics metrics();

  Conversation conversation(RunnerConnection connection, RequestCall call);

  Conversation conversation(RunnerConnection connection, ResponseCall call);

  /** A connection ended. */
  void disconnected();
}
