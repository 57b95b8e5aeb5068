// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns YAML into {@link Located} values. Only the plain part of YAML is taken: one document of
 * mappings, lists and scalars. Anchors, aliases, merge keys and tags are problems, because with
 * them the line that is read is not the line that counts.
 */
final class YamlReader {
  private static final int DEEPEST = 20;
  private static final int LONGEST_NUMBER = 30;
  private static final LoadSettings SETTINGS = LoadSettings.builder().build();

  /** Keys below which people paste secrets by mistake. */
  private static final Set<String> QUIET = Set.of("credential", "options", "environment");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String text;
  private final Problems problems;
  private final Iterator<Event> events;

  /** The document nests deeper than anything that a bundle can mean. */
  private static final class TooDeep extends Exception {
    private static final long serialVersionUID = 1L;

    TooDeep() {
      super(null, null, false, false);
    }
  }

  private YamlReader(String text, Problems problems) {
    this.text = text;
    this.problems = problems;
    this.events = new Parse(SETTINGS).parseString(text).iterator();
  }

  /** The document, or null when it is not well-formed enough to go on. */
  static @Nullable Located read(String text, Problems problems) {
    return new YamlReader(text, problems).document();
  }

  private @Nullable Located document() {
    @Nullable Located document = null;
    try {
      while (events.hasNext()) {
        Event event = events.next();
        if (event instanceof DocumentStartEvent && document != null) {
          problems.at(
              place(event),
              "",
              "a second document begins here; expected one document per file: split the file, or"
                  + " drop the line ---");
          return document;
        }
        if (event instanceof NodeEvent node) {
          document = value(node, "", false, 0);
        } else if (event instanceof StreamEndEvent && document == null) {
          problems.at(Place.START, "", "the file is empty");
        }
      }
      return document;
    } catch (TooDeep e) {
      return null;
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark =
          YamlSyntax.isUnclosed(e.getProblem())
              ? e.getContextMark().or(e::getProblemMark)
              : e.getProblemMark().or(e::getContextMark);
      problems.at(
          mark.map(YamlReader::place).orElse(Place.NONE), "", YamlSyntax.sentence(e.getProblem()));
    } catch (ReaderException e) {
      problems.at(
          placeOf(e.getPosition()),
          "",
          String.format(
              "the character U+%04X must not stand in YAML; remove it, or write it as an escape in"
                  + " double quotes",
              e.getCodePoint()));
    } catch (YamlEngineException e) {
      problems.at(Place.NONE, "", YamlSyntax.sentence(""));
    }
    return null;
  }

  private Located value(NodeEvent event, String path, boolean quiet, int depth) throws TooDeep {
    if (depth > DEEPEST) {
      problems.at(place(event), path, "nested deeper than " + DEEPEST + " levels");
      throw new TooDeep();
    }
    if (event instanceof AliasEvent alias) {
      problems.at(
          place(event),
          path,
          "the alias *"
              + alias.getAlias().getValue()
              + " is not followed; repeat the value, so that every line says what it means");
      return leaf(path, place(event), JSON.nullNode(), quiet, true);
    }
    if (event.getAnchor().isPresent()) {
      problems.at(
          place(event),
          path,
          "the anchor &"
              + event.getAnchor().get().getValue()
              + " is not used in bundles; remove it and repeat the value where it is needed");
    }
    Optional<String> tag =
        event instanceof ScalarEvent scalar
            ? scalar.getTag()
            : event instanceof CollectionStartEvent start ? start.getTag() : Optional.empty();
    tag.ifPresent(
        name ->
            problems.at(
                place(event),
                path,
                "the tag " + Located.quote(name) + " is not used in bundles; remove it"));
    return switch (event) {
      case MappingStartEvent start -> mapping(start, path, quiet, depth);
      case ScalarEvent scalar -> scalar(scalar, path, quiet, tag.isPresent());
      default -> list(event, path, quiet, depth);
    };
  }

  private Located mapping(MappingStartEvent start, String path, boolean quiet, int depth)
      throws TooDeep {
    ObjectNode json = JSON.objectNode();
    Map<String, Located> members = new LinkedHashMap<>();
    Map<String, Place> keys = new LinkedHashMap<>();
    boolean incomplete = false;
    for (Event next = events.next(); !(next instanceof MappingEndEvent); next = events.next()) {
      Place place = place(next);
      if (!(next instanceof ScalarEvent key)) {
        Located odd = value((NodeEvent) next, path, quiet, depth + 1);
        problems.at(place, Located.below(path, "?"), "a key must be text, found " + odd.found());
        value((NodeEvent) events.next(), Located.below(path, "?"), quiet, depth + 1);
        incomplete = true;
        continue;
      }
      String name = key.getValue();
      String below = Located.below(path, name);
      if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
        problems.at(place, below, "a key must be visible text without control characters");
      }
      if (key.getAnchor().isPresent() || key.getTag().isPresent()) {
        problems.at(place, below, "a key must be plain text, without anchor or tag");
      }
      Located value =
          value((NodeEvent) events.next(), below, quiet || QUIET.contains(name), depth + 1);
      if (name.equals("<<") && key.isPlain()) {
        problems.at(
            place, below, "the merge key << is not used in bundles; write the merged keys out");
        incomplete = true;
      } else if (members.containsKey(name)) {
        problems.at(
            place,
            below,
            "the key "
                + Located.quote(name)
                + " stands here a second time, first in line "
                + keys.getOrDefault(name, place).line()
                + "; keep one of the two");
      } else {
        members.put(name, value);
        keys.put(name, place);
        json.set(name, value.json());
      }
    }
    return new Located(path, place(start), json, members, keys, List.of(), incomplete, quiet);
  }

  private Located list(NodeEvent start, String path, boolean quiet, int depth) throws TooDeep {
    ArrayNode json = JSON.arrayNode();
    List<Located> items = new ArrayList<>();
    for (Event next = events.next(); !(next instanceof SequenceEndEvent); next = events.next()) {
      Located item = value((NodeEvent) next, path + "[" + items.size() + "]", quiet, depth + 1);
      items.add(item);
      json.add(item.json());
    }
    return new Located(path, place(start), json, Map.of(), Map.of(), items, false, quiet);
  }

  private Located scalar(ScalarEvent scalar, String path, boolean quiet, boolean tagged) {
    return leaf(path, place(scalar), json(scalar, path), quiet, tagged);
  }

  private JsonNode json(ScalarEvent scalar, String path) {
    String value = scalar.getValue();
    Tag tag = SETTINGS.getSchema().getScalarResolver().resolve(value, scalar.isPlain());
    if (!scalar.isPlain()) {
      return JSON.stringNode(value);
    }
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(value));
    }
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      if (value.length() > LONGEST_NUMBER) {
        problems.at(place(scalar), path, "a number with more than " + LONGEST_NUMBER + " digits");
        return JSON.nullNode();
      }
      return tag.equals(Tag.INT) ? integer(value) : fraction(value);
    }
    return JSON.stringNode(value);
  }

  private static JsonNode integer(String digits) {
    BigInteger value = new BigInteger(digits);
    return value.bitLength() < Long.SIZE
        ? JSON.numberNode(value.longValue())
        : JSON.numberNode(value);
  }

  private static JsonNode fraction(String text) {
    try {
      return JSON.numberNode(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return JSON.stringNode(text); // .inf and .nan: numbers for YAML, nothing that counts here
    }
  }

  private static Located leaf(
      String path, Place place, JsonNode json, boolean quiet, boolean incomplete) {
    return new Located(path, place, json, Map.of(), Map.of(), List.of(), incomplete, quiet);
  }

  private static Place place(Event event) {
    return event.getStartMark().map(YamlReader::place).orElse(Place.NONE);
  }

  private static Place place(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Place placeOf(int position) {
    int line = 1;
    int column = 1;
    int[] codePoints = text.codePoints().limit(position).toArray();
    for (int c : codePoints) {
      line += c == '\n' ? 1 : 0;
      column = c == '\n' ? 1 : column + 1;
    }
    return new Place(line, column);
  }
}
