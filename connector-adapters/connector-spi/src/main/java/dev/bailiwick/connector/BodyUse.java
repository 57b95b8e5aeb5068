// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

/** Whether a connector must read a request's body before it can name the operations. */
public enum BodyUse {
  /** The body says nothing about the operation; it streams through. */
  STREAM,
  /** The operation, or its fields, depend on the body; it is read whole, up to the limit. */
  READ,
  /** A body has no meaning here; a request that has one is denied. */
  NONE
}
