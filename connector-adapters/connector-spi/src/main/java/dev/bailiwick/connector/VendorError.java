// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;

/**
 * A denial in the vendor's own error shape, so that the vendor's SDK shows its message.
 *
 * @param contentType the media type of the body
 */
public record VendorError(String contentType, byte[] body) {
  public VendorError {
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(body, "body");
  }
}
