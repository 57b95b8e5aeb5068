// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.workday.XmlNode.Attribute;
import dev.bailiwick.connector.workday.XmlNode.Element;
import dev.bailiwick.connector.workday.XmlNode.Name;
import dev.bailiwick.connector.workday.XmlNode.Namespace;
import dev.bailiwick.connector.workday.XmlNode.Text;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.xml.XMLConstants;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads an XML document in the one way that leaves no second reading: XML 1.0 in UTF-8, no document
 * type, no entities but the five of XML, no processing instructions, and limits on size, depth and
 * number of elements. Comments are dropped, so that text around one is one text.
 */
final class XmlReader {
  private static final int DEEPEST = 64;

  /** An element is at least its two tags. */
  private static final int TOKENS_OF_AN_ELEMENT = 2;

  private final XMLStreamReader reader;
  private final int mostElements;
  private int elements;

  private XmlReader(XMLStreamReader reader, BodyLimits limits) {
    this.reader = reader;
    this.mostElements = limits.maxTokens() / TOKENS_OF_AN_ELEMENT;
  }

  /** The root element of a document, or a denial. */
  static Element read(byte[] body, BodyLimits limits) {
    if (body.length > limits.maxBytes()) {
      throw MalformedRequestException.tooLarge(
          "the XML body is larger than " + limits.maxBytes() + " bytes");
    }
    try {
      XMLStreamReader stream = factory().createXMLStreamReader(new StringReader(utf8(body)));
      try {
        return new XmlReader(stream, limits).document();
      } finally {
        stream.close();
      }
    } catch (XMLStreamException e) {
      throw MalformedRequestException.body("the body is not well-formed XML");
    }
  }

  /** Made for each document: factories are not safe to share between threads. */
  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.IS_NAMESPACE_AWARE, true);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
    factory.setXMLResolver(
        (publicId, systemId, base, namespace) -> {
          throw new XMLStreamException("nothing is fetched");
        });
    return factory;
  }

  private Element document() throws XMLStreamException {
    // "1.0" and UTF-8 are what an absent declaration means; another one would be read by others.
    requireDeclared(reader.getVersion(), "1.0");
    requireDeclared(reader.getCharacterEncodingScheme(), "UTF-8");
    int event = nextEvent();
    if (event != XMLStreamConstants.START_ELEMENT) {
      throw MalformedRequestException.body("the body is not an XML document");
    }
    Element root = element(1);
    if (nextEvent() != XMLStreamConstants.END_DOCUMENT) {
      throw MalformedRequestException.body("the body goes on after its XML document");
    }
    return root;
  }

  private static void requireDeclared(@Nullable String found, String expected) {
    if (found != null && !found.equalsIgnoreCase(expected)) {
      throw MalformedRequestException.mediaType(
          "the XML declaration must say version 1.0 and UTF-8, or nothing");
    }
  }

  /** The next event that is not white space around the root, or a comment. */
  private int nextEvent() throws XMLStreamException {
    while (reader.hasNext()) {
      int event = reader.next();
      switch (event) {
        case XMLStreamConstants.COMMENT, XMLStreamConstants.SPACE -> {}
        case XMLStreamConstants.DTD ->
            throw MalformedRequestException.forbidden("the XML body holds a DOCTYPE: leave it out");
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw MalformedRequestException.forbidden(
                "the XML body holds an entity that XML does not define itself");
        case XMLStreamConstants.PROCESSING_INSTRUCTION ->
            throw MalformedRequestException.forbidden(
                "the XML body holds a processing instruction: leave it out");
        default -> {
          return event;
        }
      }
    }
    return XMLStreamConstants.END_DOCUMENT;
  }

  private Element element(int depth) throws XMLStreamException {
    if (depth > DEEPEST || ++elements > mostElements) {
      throw MalformedRequestException.tooLarge(
          "the XML body is deeper than " + DEEPEST + " or has over " + mostElements + " elements");
    }
    Name name = name(reader.getPrefix(), reader.getLocalName(), reader.getNamespaceURI());
    List<Namespace> namespaces = new ArrayList<>();
    for (int i = 0; i < reader.getNamespaceCount(); i++) {
      namespaces.add(
          new Namespace(
              Objects.requireNonNullElse(reader.getNamespacePrefix(i), ""),
              Objects.requireNonNullElse(reader.getNamespaceURI(i), "")));
    }
    List<Attribute> attributes = new ArrayList<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.add(
          new Attribute(
              name(
                  reader.getAttributePrefix(i),
                  reader.getAttributeLocalName(i),
                  reader.getAttributeNamespace(i)),
              reader.getAttributeValue(i)));
    }
    List<XmlNode> children = new ArrayList<>();
    for (int event = nextEvent(); event != XMLStreamConstants.END_ELEMENT; event = nextEvent()) {
      switch (event) {
        case XMLStreamConstants.START_ELEMENT -> children.add(element(depth + 1));
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            children.add(new Text(reader.getText()));
        default -> throw MalformedRequestException.body("the body is not well-formed XML");
      }
    }
    return new Element(name, namespaces, attributes, children);
  }

  private static Name name(@Nullable String prefix, String local, @Nullable String uri) {
    return new Name(
        Objects.requireNonNullElse(prefix, ""), local, Objects.requireNonNullElse(uri, ""));
  }

  private static String utf8(byte[] body) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(body))
          .toString();
    } catch (CharacterCodingException e) {
      throw MalformedRequestException.body("the body is not UTF-8");
    }
  }
}
