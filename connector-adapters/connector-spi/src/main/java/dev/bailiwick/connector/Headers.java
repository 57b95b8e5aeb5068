// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * HTTP header fields: lower-case names, every value kept, in order. Immutable.
 *
 * <p>Names must be RFC 9110 tokens; values must hold no control character except tab and nothing
 * beyond ISO 8859-1, since a writer that keeps only the low byte would turn U+010A into a line
 * feed. So a value can never become a second header line.
 */
public final class Headers {
  private static final Headers NONE = new Headers(List.of());

  /** The characters of an RFC 9110 token. */
  private static final boolean[] TOKEN = new boolean[0x80];

  static {
    for (char c = 0; c < TOKEN.length; c++) {
      TOKEN[c] =
          (c >= '0' && c <= '9')
              || (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }

  /** One header line. */
  public record Field(String name, String value) {
    public Field {
      name = requireName(name);
      requireValue(name, value);
    }

    @Override
    public String toString() {
      return name + ": (" + value.length() + " characters)";
    }
  }

  private final List<Field> fields;

  private Headers(List<Field> fields) {
    this.fields = fields;
  }

  public static Headers none() {
    return NONE;
  }

  public static Headers of(List<Field> fields) {
    return fields.isEmpty() ? NONE : new Headers(List.copyOf(fields));
  }

  public List<Field> fields() {
    return fields;
  }

  /** The first value of a header, if it is there. The name is compared ignoring case. */
  public Optional<String> first(String name) {
    for (Field field : fields) {
      if (field.name.equalsIgnoreCase(name)) {
        return Optional.of(field.value);
      }
    }
    return Optional.empty();
  }

  /** Every value of a header, in order. */
  public List<String> all(String name) {
    List<String> values = new ArrayList<>(1);
    for (Field field : fields) {
      if (field.name.equalsIgnoreCase(name)) {
        values.add(field.value);
      }
    }
    return values;
  }

  public boolean has(String name) {
    return first(name).isPresent();
  }

  /** These headers with every line of that name replaced by one. */
  public Headers with(String name, String value) {
    Field added = new Field(name, value);
    List<Field> kept = new ArrayList<>(fields.size() + 1);
    for (Field field : fields) {
      if (!field.name.equals(added.name)) {
        kept.add(field);
      }
    }
    kept.add(added);
    return new Headers(Collections.unmodifiableList(kept));
  }

  /** These headers without any line of those names (compared ignoring case). */
  public Headers without(Collection<String> names) {
    return keep(field -> !containsName(names, field.name));
  }

  /** Whether a name is among others, ignoring case; they are few. */
  static boolean containsName(Collection<String> names, String wanted) {
    for (String name : names) {
      if (name.equalsIgnoreCase(wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The lines that a test lets through. */
  Headers keep(Predicate<Field> wanted) {
    List<Field> kept = new ArrayList<>(fields.size());
    for (Field field : fields) {
      if (wanted.test(field)) {
        kept.add(field);
      }
    }
    return kept.size() == fields.size() ? this : new Headers(Collections.unmodifiableList(kept));
  }

  public void forEach(BiConsumer<String, String> line) {
    fields.forEach(field -> line.accept(field.name, field.value));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Headers that && fields.equals(that.fields);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  /** Names only: a header value may be a secret. */
  @Override
  public String toString() {
    return fields.toString();
  }

  /**
   * The lower-case form of a header name; throws {@link IllegalArgumentException} if it is none.
   */
  static String requireName(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a header name must not be empty");
    }
    boolean lower = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= TOKEN.length || !TOKEN[c]) {
        throw new IllegalArgumentException("a header name holds a character that RFC 9110 forbids");
      }
      lower &= c < 'A' || c > 'Z';
    }
    return lower ? name : name.toLowerCase(Locale.ROOT);
  }

  private static void requireValue(String name, String value) {
    if (isPrintable(value)) {
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        throw new IllegalArgumentException(
            "header " + name + " holds a control character or one beyond ISO 8859-1");
      }
    }
  }

  /** Nearly every value; two comparisons a character take half the time of four. */
  private static boolean isPrintable(String value) {
    int length = value.length();
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }
}
