// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The WireMock mappings of situations, each a resource beside the simulator it belongs to. */
public final class StubFile {
  private StubFile() {}

  /** The file name of a situation: {@code RATE_LIMITED} is {@code rate-limited.json}. */
  public static String name(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-') + ".json";
  }

  /** The mapping of a situation, as JSON. */
  public static String read(Class<?> beside, String constant) {
    String file = "situations/" + name(constant);
    try (InputStream in = beside.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("no stub file " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
