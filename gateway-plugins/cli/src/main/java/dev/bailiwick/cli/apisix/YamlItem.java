// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli.apisix;

import dev.bailiwick.policy.PolicyProblem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A value of a YAML or JSON document, and where it stands.
 *
 * @param path where in the document, such as {@code routes[0].plugins}
 */
record YamlItem(String file, Node node, String path) {
  private static final int DEEPEST = 64;
  private static final int MOST_VALUES = 100_000;
  private static final LoadSettings SETTINGS = LoadSettings.builder().build();

  /** The document cannot be read. */
  static final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final transient PolicyProblem problem;

    Malformed(String file, Optional<Mark> at, String sentence) {
      super(sentence);
      problem = problemAt(file, at, "", sentence);
    }

    PolicyProblem problem() {
      return problem;
    }
  }

  /**
   * Reads one document.
   *
   * @throws Malformed with the place and what is wrong there
   */
  static Optional<YamlItem> read(String file, String text) {
    try {
      checkDepth(file, text);
      return new Compose(SETTINGS)
          .composeString(text)
          .map(node -> new YamlItem(file, node, ""))
          .map(item -> item.withoutTwins(0, new int[] {MOST_VALUES}));
    } catch (MarkedYamlEngineException e) {
      throw new Malformed(
          file,
          e.getProblemMark().or(e::getContextMark),
          "this is not well-formed YAML: " + e.getProblem());
    } catch (ReaderException e) {
      throw new Malformed(
          file,
          Optional.empty(),
          String.format("the character U+%04X must not stand in YAML", e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw new Malformed(file, Optional.empty(), "this YAML is not read: " + e.getMessage());
    }
  }

  /** What the composer would follow by recursion. */
  private static void checkDepth(String file, String text) {
    int depth = 0;
    for (Event event : new Parse(SETTINGS).parseString(text)) {
      if (event instanceof CollectionStartEvent) {
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
      if (depth > DEEPEST) {
        throw new Malformed(
            file, event.getStartMark(), "nested deeper than " + DEEPEST + " levels");
      }
    }
  }

  /**
   * Of two members with one name it would be undefined which one APISIX takes.
   *
   * @param left how many values may still come; aliases can make endlessly many of a few
   */
  private YamlItem withoutTwins(int depth, int[] left) {
    if (left[0]-- == 0 || depth > DEEPEST) {
      throw new Malformed(
          file, node.getStartMark(), "aliases make endlessly many values of this one");
    }
    if (value() instanceof MappingNode mapping) {
      Set<String> names = new HashSet<>();
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key && !names.add(key.getValue())) {
          throw new Malformed(file, key.getStartMark(), "duplicate key " + key.getValue());
        }
      }
    }
    for (YamlItem member : members().values()) {
      var unused = member.withoutTwins(depth + 1, left);
    }
    for (YamlItem item : items()) {
      var unused = item.withoutTwins(depth + 1, left);
    }
    return this;
  }

  private Node value() {
    return node instanceof AnchorNode anchor ? anchor.getRealNode() : node;
  }

  /** The members of a mapping; nothing for any other value. */
  Map<String, YamlItem> members() {
    Map<String, YamlItem> members = new LinkedHashMap<>();
    if (value() instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key) {
          members.put(
              key.getValue(),
              new YamlItem(
                  file,
                  tuple.getValueNode(),
                  path.isEmpty() ? key.getValue() : path + "." + key.getValue()));
        }
      }
    }
    return members;
  }

  Optional<YamlItem> member(String name) {
    return Optional.ofNullable(members().get(name));
  }

  /** A member of a member. */
  Optional<YamlItem> at(String... names) {
    Optional<YamlItem> item = Optional.of(this);
    for (String name : names) {
      item = item.flatMap(found -> found.member(name));
    }
    return item;
  }

  /** The elements of a list; nothing for any other value. */
  List<YamlItem> items() {
    List<YamlItem> items = new ArrayList<>();
    if (value() instanceof SequenceNode sequence) {
      for (Node element : sequence.getValue()) {
        items.add(new YamlItem(file, element, path + "[" + items.size() + "]"));
      }
    }
    return items;
  }

  /** The text of a scalar; empty for any other value. */
  String text() {
    return value() instanceof ScalarNode scalar ? scalar.getValue() : "";
  }

  Optional<String> text(String name) {
    return member(name).map(YamlItem::text).filter(text -> !text.isEmpty());
  }

  boolean isTrue() {
    return text().equalsIgnoreCase("true");
  }

  /** Every scalar in this value. */
  List<YamlItem> scalars() {
    if (value() instanceof ScalarNode) {
      return List.of(this);
    }
    List<YamlItem> all = new ArrayList<>();
    members().values().forEach(member -> all.addAll(member.scalars()));
    items().forEach(item -> all.addAll(item.scalars()));
    return all;
  }

  PolicyProblem problem(String sentence) {
    return problemAt(file, node.getStartMark(), path, sentence);
  }

  private static PolicyProblem problemAt(
      String file, Optional<Mark> mark, String path, String sentence) {
    return new PolicyProblem(
        file,
        mark.map(at -> at.getLine() + 1).orElse(0),
        mark.map(at -> at.getColumn() + 1).orElse(0),
        path,
        sentence);
  }

  /** Where it stands only: a value may be a secret. */
  @Override
  public String toString() {
    return file + ": " + path;
  }
}
