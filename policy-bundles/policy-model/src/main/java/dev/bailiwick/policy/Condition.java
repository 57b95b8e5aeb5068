// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A compiled {@code when} expression (CEL). Thread-safe. */
public interface Condition {
  /** What an expression finds under {@code token}. */
  Set<String> TOKEN = Set.of("task", "depth", "acr");

  /** What an expression finds under {@code operation}. */
  Set<String> OPERATION = Set.of("family", "object", "action", "fields");

  /** What an expression finds under {@code request}. */
  Set<String> REQUEST = Set.of("method", "path");

  /**
   * What an expression may look at. Collections become lists, whole numbers {@code long}, other
   * numbers {@code double}, and what is null is left out: CEL knows no other forms.
   *
   * @param principal {@code principal.sub}, {@code principal.issuer}, {@code principal.groups} and
   *     every other claim of the token
   * @param token {@code token.task}, {@code token.depth} (actors in the chain) and {@code
   *     token.acr}
   * @param operation {@code operation.family}, {@code .object}, {@code .action} and {@code .fields}
   *     (every field that is read, filtered or written)
   * @param request {@code request.method} and {@code request.path}
   */
  record Input(
      Map<String, ?> principal,
      Map<String, ?> token,
      Map<String, ?> operation,
      Map<String, ?> request) {
    public Input {
      principal = plain(principal);
      token = plain(token);
      operation = plain(operation);
      request = plain(request);
    }

    private static Map<String, Object> plain(Map<?, ?> map) {
      Map<String, Object> plain = new HashMap<>();
      map.forEach(
          (key, value) -> {
            if (value != null) {
              plain.put(String.valueOf(key), plain(value));
            }
          });
      return plain;
    }

    private static Object plain(Object value) {
      return switch (value) {
        case String text -> text;
        case Map<?, ?> map -> plain(map);
        case Collection<?> items -> plain(items);
        case Integer number -> number.longValue();
        case Short number -> number.longValue();
        case Byte number -> number.longValue();
        case BigInteger number when number.bitLength() < Long.SIZE -> number.longValue();
        case BigInteger number -> number.doubleValue();
        case BigDecimal number -> number.doubleValue();
        case Float number -> number.doubleValue();
        default -> value;
      };
    }

    private static List<Object> plain(Collection<?> items) {
      List<Object> plain = new ArrayList<>(items.size());
      for (@Nullable Object item : items) {
        if (item != null) {
          plain.add(plain(item));
        }
      }
      return plain;
    }

    /** Names no value: claims may hold personal data. */
    @Override
    public String toString() {
      return "Input" + principal.keySet();
    }
  }

  /**
   * True when the condition holds. An expression that fails, for instance because a claim is
   * missing, does not hold.
   */
  boolean holds(Input input);

  /** The expression as it stands in the bundle. */
  String text();
}
