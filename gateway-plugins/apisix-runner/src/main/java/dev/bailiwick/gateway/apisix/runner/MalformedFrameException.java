// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.apisix.runner;

/** A frame that says nothing. Expected, so it carries no stack trace. */
final class MalformedFrameException extends RuntimeException {
  MalformedFrameException(String sentence) {
    super(sentence, null, false, false);
  }
}
