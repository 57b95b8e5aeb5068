// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import java.util.List;
import java.util.stream.Stream;

/** What an XML document holds once it is read: elements and text, nothing else. Immutable. */
sealed interface XmlNode {

  /** A name with the prefix that it was written with; the prefix means nothing. */
  record Name(String prefix, String local, String uri) {
    boolean is(String otherUri, String otherLocal) {
      return uri.equals(otherUri) && local.equals(otherLocal);
    }

    String qualified() {
      return prefix.isEmpty() ? local : prefix + ":" + local;
    }
  }

  /** {@code xmlns:prefix="uri"}; kept, since values may hold qualified names. */
  record Namespace(String prefix, String uri) {}

  record Attribute(Name name, String value) {
    /** The name only: a value may be a secret. */
    @Override
    public String toString() {
      return name.qualified();
    }
  }

  record Text(String text) implements XmlNode {
    @Override
    public String toString() {
      return "Text[" + text.length() + " characters]";
    }
  }

  record Element(
      Name name, List<Namespace> namespaces, List<Attribute> attributes, List<XmlNode> children)
      implements XmlNode {
    public Element {
      namespaces = List.copyOf(namespaces);
      attributes = List.copyOf(attributes);
      children = List.copyOf(children);
    }

    List<Element> elements() {
      return children.stream().filter(Element.class::isInstance).map(Element.class::cast).toList();
    }

    /** Every element below this one. */
    Stream<Element> descendants() {
      return elements().stream()
          .flatMap(child -> Stream.concat(Stream.of(child), child.descendants()));
    }

    /** Whether text other than white space stands directly in this element. */
    boolean holdsText() {
      return children.stream().anyMatch(child -> child instanceof Text t && !t.text.isBlank());
    }

    /** The text directly in this element. */
    String text() {
      StringBuilder text = new StringBuilder();
      for (XmlNode child : children) {
        if (child instanceof Text t) {
          text.append(t.text);
        }
      }
      return text.toString();
    }

    Element withChildren(List<XmlNode> others) {
      return new Element(name, namespaces, attributes, others);
    }
  }
}
