// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * One mapping of a bundle, read key by key. Whatever cannot be read becomes a problem and yields a
 * stand-in, so that the rest is still looked at; a bundle with a problem is never handed out.
 */
record Section(Located at, Problems problems) {
  /** Stands in for text that is missing or unusable. */
  static final String UNUSABLE = "";

  /** The mapping under a key; an empty one when the key is absent. */
  Section section(String key) {
    Located below =
        at.member(key)
            .orElseGet(
                () ->
                    new Located(
                        Located.below(at.path(), key),
                        at.place(),
                        at.json().path(key),
                        Map.of(),
                        Map.of(),
                        List.of(),
                        at.incomplete() || !at.json().isObject(),
                        at.quiet()));
    return new Section(below, problems);
  }

  /** Whether every entry of the mapping under a key could be read. */
  boolean isWhole(String key) {
    return at.member(key).map(map -> map.json().isObject() && !map.incomplete()).orElse(true);
  }

  /** The value under a key; the mapping itself when the key is absent. */
  Located value(String key) {
    return at.member(key).orElse(at);
  }

  boolean has(String key) {
    return at.member(key).isPresent();
  }

  /** Every member of the mapping under a key, in the order of the document. */
  <T> Map<String, T> each(String key, BiFunction<String, Section, T> read) {
    Map<String, T> values = new LinkedHashMap<>();
    at.member(key)
        .ifPresent(
            map ->
                map.members()
                    .forEach(
                        (name, value) ->
                            values.put(name, read.apply(name, new Section(value, problems)))));
    return values;
  }

  /** Every item of the list under a key. */
  List<Located> items(String key) {
    return at.member(key).map(Located::items).orElse(List.of());
  }

  /** Every text in the list under a key. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Located item : items(key)) {
      texts.add(text(item));
    }
    return texts;
  }

  /** Text that must be there. */
  String text(String key) {
    Optional<Located> value = at.member(key);
    if (value.isPresent()) {
      return text(value.get());
    }
    if (at.incomplete()) {
      return UNUSABLE; // a problem says why
    }
    if (!at.json().isObject()) {
      problems.at(at, "found " + at.found() + "; expected a mapping");
    } else {
      problems.at(at.place(), Located.below(at.path(), key), "the key " + key + " is missing");
    }
    return UNUSABLE;
  }

  /** Text that may be absent. */
  Optional<String> optionalText(String key) {
    return at.member(key).map(this::text);
  }

  private String text(Located value) {
    String text = value.text();
    if (text == null) {
      problems.at(value, "found " + value.found() + "; expected text");
      return UNUSABLE;
    }
    if (text.isBlank() || !text.equals(text.strip())) {
      problems.at(value, "found " + value.found() + "; expected text without space around it");
      return UNUSABLE;
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      problems.at(value, "found " + value.found() + "; expected text without control characters");
      return UNUSABLE;
    }
    return text;
  }

  /** Text that must be there, in a form that {@code parse} understands. */
  <T> T parsed(String key, Function<String, T> parse, T unusable) {
    String text = text(key);
    if (text.equals(UNUSABLE)) {
      return unusable;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      Located value = value(key);
      problems.at(value, "found " + value.found() + "; " + e.getMessage());
      return unusable;
    }
  }

  /** One of a closed set of words, named like the constant: {@code dpop-or-mtls}. */
  <E extends Enum<E>> E word(String key, Class<E> type, E absent) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty()) {
      return absent;
    }
    String text = value.get().text();
    for (E constant : type.getEnumConstants()) {
      String word = constant.name().toLowerCase(Locale.ROOT);
      if (word.equals(text) || word.replace('_', '-').equals(text)) {
        return constant;
      }
    }
    problems.at(value.get(), "found " + value.get().found() + "; expected another word");
    return absent;
  }

  OptionalInt integer(String key, int least, int most) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    JsonNode json = value.get().json();
    if (!json.isIntegralNumber()
        || !json.canConvertToInt()
        || json.intValue() < least
        || json.intValue() > most) {
      problems.at(
          value.get(),
          "found "
              + value.get().found()
              + "; expected a whole number from "
              + least
              + " to "
              + most);
      return OptionalInt.empty();
    }
    return OptionalInt.of(json.intValue());
  }

  boolean bool(String key, boolean absent) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty() || value.get().json().isBoolean()) {
      return value.map(v -> v.json().booleanValue()).orElse(absent);
    }
    problems.at(value.get(), "found " + value.get().found() + "; expected true or false");
    return absent;
  }

  Duration duration(String key, Duration absent, Duration least, Duration most) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty()) {
      return absent;
    }
    Optional<Duration> duration = Units.duration(text(value.get()));
    if (duration.isEmpty()) {
      problems.at(
          value.get(),
          "found " + value.get().found() + "; expected a duration such as 30s, 10m or 1h");
      return absent;
    }
    if (duration.get().compareTo(least) < 0 || duration.get().compareTo(most) > 0) {
      problems.at(
          value.get(),
          "found "
              + value.get().found()
              + "; expected a duration from "
              + Units.write(least)
              + " to "
              + Units.write(most));
      return absent;
    }
    return duration.get();
  }

  /** A size in bytes, written with its unit. */
  OptionalLong size(String key, long least) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong size = Units.size(text(value.get()));
    if (size.isEmpty() || size.getAsLong() < least) {
      problems.at(
          value.get(),
          "found "
              + value.get().found()
              + "; expected a size such as 64MiB or 1GiB, from "
              + least
              + " bytes");
      return OptionalLong.empty();
    }
    return size;
  }

  /** A size in bytes, written as a plain number or with a unit. */
  int bytes(String key, int absent, int most) {
    Optional<Located> value = at.member(key);
    if (value.isEmpty()) {
      return absent;
    }
    JsonNode json = value.get().json();
    long bytes =
        json.isIntegralNumber() && json.canConvertToLong()
            ? json.longValue()
            : json.isString() ? Units.size(json.stringValue()).orElse(-1) : -1;
    if (bytes < 1 || bytes > most) {
      problems.at(
          value.get(),
          "found "
              + value.get().found()
              + "; expected a number of bytes, or a size such as 64KiB, up to "
              + most
              + " bytes");
      return absent;
    }
    return (int) bytes;
  }
}
