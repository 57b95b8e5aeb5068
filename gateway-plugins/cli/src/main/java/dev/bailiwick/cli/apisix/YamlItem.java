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
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
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

  /**
   * Reads one document.
   *
   * @throws IllegalArgumentException when it is malformed; the message says where
   */
  static Optional<YamlItem> read(String file, String text) {
    try {
      return new Compose(LoadSettings.builder().build())
          .composeString(text)
          .map(node -> new YamlItem(file, node, ""))
          .map(YamlItem::withoutTwins);
    } catch (MarkedYamlEngineException e) {
      Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
      String place = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
      throw new IllegalArgumentException(file + place + ": " + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(file + ": the file is no YAML", e);
    }
  }

  /** Of two members with one name it would be undefined which one APISIX takes. */
  private YamlItem withoutTwins() {
    if (value() instanceof MappingNode mapping) {
      Set<String> names = new HashSet<>();
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key && !names.add(key.getValue())) {
          PolicyProblem twin = new YamlItem(file, key, path).problem("");
          throw new IllegalArgumentException(
              file + ":" + twin.line() + ":" + twin.column() + ": duplicate key " + key.getValue());
        }
      }
    }
    for (YamlItem member : members().values()) {
      var unused = member.withoutTwins();
    }
    for (YamlItem item : items()) {
      var unused = item.withoutTwins();
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
    Optional<Mark> mark = node.getStartMark();
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
