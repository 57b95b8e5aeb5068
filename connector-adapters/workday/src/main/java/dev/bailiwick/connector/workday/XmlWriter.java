// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.workday.XmlNode.Attribute;
import dev.bailiwick.connector.workday.XmlNode.Element;
import dev.bailiwick.connector.workday.XmlNode.Namespace;
import dev.bailiwick.connector.workday.XmlNode.Text;
import java.nio.charset.StandardCharsets;

/**
 * Writes what {@link XmlReader} has read, so that reading it again gives the same. Text is escaped
 * here and nowhere else; a text with a character that XML cannot hold is refused.
 */
final class XmlWriter {
  private final StringBuilder out = new StringBuilder();

  private XmlWriter() {}

  static byte[] write(Element root) {
    XmlWriter writer = new XmlWriter();
    writer.element(root);
    return writer.out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void element(Element element) {
    String name = element.name().qualified();
    out.append('<').append(name);
    for (Namespace namespace : element.namespaces()) {
      String prefix = namespace.prefix().isEmpty() ? "xmlns" : "xmlns:" + namespace.prefix();
      attribute(prefix, namespace.uri());
    }
    for (Attribute attribute : element.attributes()) {
      attribute(attribute.name().qualified(), attribute.value());
    }
    if (element.children().isEmpty()) {
      out.append("/>");
      return;
    }
    out.append('>');
    for (XmlNode child : element.children()) {
      switch (child) {
        case Element inner -> element(inner);
        case Text text -> escaped(text.text(), false);
      }
    }
    out.append("</").append(name).append('>');
  }

  private void attribute(String name, String value) {
    out.append(' ').append(name).append("=\"");
    escaped(value, true);
    out.append('"');
  }

  private void escaped(String text, boolean quoted) {
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append(quoted ? "&quot;" : "\"");
                case '\r' -> out.append("&#13;");
                case '\n' -> out.append(quoted ? "&#10;" : "\n");
                case '\t' -> out.append(quoted ? "&#9;" : "\t");
                default -> {
                  if (c < ' ' || (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF) {
                    throw new IllegalArgumentException("a text holds what XML cannot hold");
                  }
                  out.appendCodePoint(c);
                }
              }
            });
  }
}
