// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.Map;

/** Writes JSON; reading is strict and stands in {@link StrictJson}. */
final class Json {
  private Json() {}

  static String write(Map<String, ?> object) {
    return JSONObjectUtils.toJSONString(object);
  }
}
