// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.Credential.BasicPair;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.workday.XmlNode.Attribute;
import dev.bailiwick.connector.workday.XmlNode.Element;
import dev.bailiwick.connector.workday.XmlNode.Name;
import dev.bailiwick.connector.workday.XmlNode.Namespace;
import dev.bailiwick.connector.workday.XmlNode.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A SOAP 1.1 message with exactly one operation. Headers are a closed list: Workday's own, and the
 * agent's {@code wsse:Security}, which is never sent on whatever its prefix, actor or content.
 *
 * @param root the envelope as the agent sent it
 * @param operation the one child of the body
 */
record SoapEnvelope(Element root, Element operation) {
  static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
  private static final String SOAP_12 = "http://www.w3.org/2003/05/soap-envelope";
  static final String WORKDAY = "urn:com.workday/bsvc";
  private static final String WSSE =
      "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
  private static final String PASSWORD_TEXT =
      "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
          + "#PasswordText";
  private static final String XOP = "http://www.w3.org/2004/08/xop/include";

  /** Reads a message, or denies it. */
  static SoapEnvelope read(byte[] body, BodyLimits limits) {
    Element root = XmlReader.read(body, limits);
    if (root.name().uri().equals(SOAP_12)) {
      throw MalformedRequestException.unknown("SOAP 1.2 is not known to Workday: send SOAP 1.1");
    }
    if (!root.name().is(SOAP, "Envelope")) {
      throw MalformedRequestException.body("expected a SOAP 1.1 Envelope");
    }
    List<Element> parts = root.elements();
    boolean header = !parts.isEmpty() && parts.getFirst().name().is(SOAP, "Header");
    if (root.holdsText()
        || parts.size() != (header ? 2 : 1)
        || !parts.getLast().name().is(SOAP, "Body")) {
      throw MalformedRequestException.body(
          "a SOAP Envelope holds one Header at most and then one Body");
    }
    if (header) {
      requireKnownHeaders(parts.getFirst());
    }
    Element operation = operation(parts.getLast());
    requirePlain(operation);
    return new SoapEnvelope(root, operation);
  }

  private static void requireKnownHeaders(Element header) {
    boolean security = false;
    if (header.holdsText()) {
      throw MalformedRequestException.body("a SOAP Header holds elements only");
    }
    for (Element block : header.elements()) {
      if (block.name().is(WSSE, "Security")) {
        if (security) {
          throw MalformedRequestException.forbidden(
              "the SOAP Header holds two Security blocks: send one or none");
        }
        security = true;
      } else if (block.name().uri().contains("addressing")) {
        throw MalformedRequestException.forbidden(
            "the SOAP Header holds WS-Addressing, which could lead elsewhere: leave it out");
      } else if (!block.name().is(WORKDAY, "Workday_Common_Header")) {
        throw MalformedRequestException.forbidden(
            "the SOAP Header holds "
                + MalformedRequestException.shown(block.name().local())
                + ", which is not known: send Security and Workday_Common_Header only");
      } else {
        requirePlain(block);
      }
    }
  }

  private static Element operation(Element body) {
    List<Element> children = body.elements();
    if (children.size() != 1 || body.holdsText()) {
      throw MalformedRequestException.body("a SOAP Body holds exactly one element, the operation");
    }
    Element operation = children.getFirst();
    if (!operation.name().uri().equals(WORKDAY)) {
      throw MalformedRequestException.unknown("the operation is not in the namespace " + WORKDAY);
    }
    return operation;
  }

  /** What is read wherever it stands must not stand where nobody expects it. */
  private static void requirePlain(Element block) {
    block
        .descendants()
        .forEach(
            element -> {
              if (element.name().uri().equals(WSSE) || element.name().local().equals("Security")) {
                throw MalformedRequestException.forbidden(
                    "a Security block stands inside another element: it belongs in the Header");
              }
              if (element.name().uri().equals(XOP)) {
                throw MalformedRequestException.forbidden(
                    "the message refers to an attachment (XOP): send the data inline");
              }
            });
  }

  /** This message without the agent's Security, and with a user's if one is given. */
  byte[] written(Optional<BasicPair> user, String tenant) {
    List<XmlNode> blocks = new ArrayList<>();
    user.ifPresent(pair -> blocks.add(security(pair, tenant)));
    List<XmlNode> parts = new ArrayList<>();
    List<Element> sent = root.elements();
    Element header =
        sent.size() == 2
            ? sent.getFirst()
            : new Element(
                new Name(root.name().prefix(), "Header", SOAP), List.of(), List.of(), List.of());
    header.elements().stream()
        .filter(block -> !block.name().is(WSSE, "Security"))
        .forEach(blocks::add);
    if (!blocks.isEmpty()) {
      parts.add(header.withChildren(blocks));
    }
    parts.add(sent.getLast());
    return XmlWriter.write(root.withChildren(parts));
  }

  private static Element security(BasicPair user, String tenant) {
    String name = user.username();
    Element username =
        plain("Username", List.of(), name.contains("@") ? name : name + "@" + tenant);
    Element password =
        plain(
            "Password",
            List.of(new Attribute(new Name("", "Type", ""), PASSWORD_TEXT)),
            user.password().reveal());
    return new Element(
        new Name("wsse", "Security", WSSE),
        List.of(new Namespace("wsse", WSSE), new Namespace("env", SOAP)),
        List.of(new Attribute(new Name("env", "mustUnderstand", SOAP), "1")),
        List.of(
            new Element(
                new Name("wsse", "UsernameToken", WSSE),
                List.of(),
                List.of(),
                List.of(username, password))));
  }

  private static Element plain(String local, List<Attribute> attributes, String text) {
    return new Element(
        new Name("wsse", local, WSSE), List.of(), attributes, List.of(new Text(text)));
  }
}
