// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;

/**
 * Writes the launcher's specification: {@code key=value} records, each ended by a NUL, as {@code
 * launcher/spec.c} reads them. Not thread-safe.
 */
final class LaunchSpec {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  LaunchSpec() throws SandboxException {
    put("version", "1");
  }

  LaunchSpec put(String key, String value) throws SandboxException {
    if (value.indexOf('\0') >= 0) {
      throw new SandboxException("the sandbox's " + key + " contains a NUL character");
    }
    bytes.writeBytes((key + "=" + value + "\0").getBytes(UTF_8));
    return this;
  }

  LaunchSpec put(String key, long value) throws SandboxException {
    return put(key, Long.toString(value));
  }

  LaunchSpec put(String key, Iterable<Path> paths) throws SandboxException {
    for (Path path : paths) {
      put(key, path.toString());
    }
    return this;
  }

  byte[] end() throws SandboxException {
    put("end", "");
    return bytes.toByteArray();
  }
}
