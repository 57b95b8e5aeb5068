// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

/** The form in which a successful answer comes. */
enum AnswerForm {
  JSON,
  XML,
  /** Anything but a page for people: a report in its format, an attachment. */
  ANY
}
