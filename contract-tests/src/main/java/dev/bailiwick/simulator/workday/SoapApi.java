// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.simulator.SimulatedAnswer;
import dev.bailiwick.simulator.SimulatedCall;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.w3c.dom.Element;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * SOAP: every operation in the body is carried out, first to last. {@code Get_Workers} answers with
 * workers, {@code Put_} adds a business object, everything else starts a process. A bad credential
 * is a fault under status 500.
 */
final class SoapApi {
  static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
  private static final String WORKDAY = "urn:com.workday/bsvc";
  private static final String WSSE =
      "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

  private final Data data;

  SoapApi(Data data) {
    this.data = data;
  }

  /**
   * @param lets whether user and password of a UsernameToken open the tenant
   */
  SimulatedAnswer answer(
      SimulatedCall call, String service, boolean bearer, BiPredicate<String, Secret> lets) {
    if (!call.method().equals("POST")) {
      throw new Problem(405, "S23", "method not allowed");
    }
    Element envelope;
    try {
      envelope = Xml.parse(call.body());
    } catch (Problem problem) {
      return fault("Client.validationError", "Validation error occurred. Invalid request");
    }
    if (!bearer
        && user(envelope).filter(pair -> lets.test(pair.name(), pair.password())).isEmpty()) {
      return fault("Client.authenticationError", "invalid username or password");
    }
    StringBuilder out = new StringBuilder();
    for (Element part : Xml.elements(envelope)) {
      if (SOAP.equals(part.getNamespaceURI()) && part.getLocalName().equals("Body")) {
        Xml.elements(part).forEach(operation -> out.append(carriedOut(service, operation)));
      }
    }
    return out.isEmpty()
        ? fault("Client.validationError", "Validation error occurred. No operation")
        : SimulatedAnswer.text(200, "text/xml;charset=UTF-8", enveloped(out.toString()));
  }

  private record User(String name, Secret password) {}

  private static Optional<User> user(Element envelope) {
    String name = "";
    Optional<Secret> password = Optional.empty();
    var tokens = envelope.getElementsByTagNameNS(WSSE, "UsernameToken");
    if (tokens.getLength() == 0) {
      return Optional.empty();
    }
    for (Element part : Xml.elements((Element) tokens.item(0))) {
      switch (part.getLocalName()) {
        case "Username" -> name = part.getTextContent();
        case "Password" ->
            password =
                Optional.of(part.getTextContent()).filter(text -> !text.isEmpty()).map(Secret::of);
        default -> {}
      }
    }
    String user = name;
    return password.map(secret -> new User(user, secret));
  }

  private String carriedOut(String service, Element element) {
    String local = element.getLocalName();
    String name = local.endsWith("_Request") ? local.substring(0, local.length() - 8) : local;
    String object = service + "." + name;
    if (name.startsWith("Get_")) {
      data.touches().on("soap", object, Action.READ);
      return "<wd:" + name + "_Response>" + content(name) + "</wd:" + name + "_Response>";
    }
    if (name.startsWith("Put_")) {
      data.touches().on("soap", object, deletes(element) ? Action.DELETE : Action.CREATE);
      data.touches().on("soap", object, Action.UPDATE);
    } else {
      data.touches().on("soap", object, Action.EXECUTE);
    }
    ObjectNode values = JsonMapper.shared().createObjectNode();
    values.put("message", element.getTextContent().strip());
    data.keep(object, values);
    return "<wd:" + name + "_Response/>";
  }

  private static boolean deletes(Element element) {
    if (element.hasAttributeNS(WORKDAY, "Delete") || element.hasAttribute("Delete")) {
      return true;
    }
    return Xml.elements(element).stream().anyMatch(SoapApi::deletes);
  }

  private String content(String operation) {
    if (!operation.equals("Get_Workers")) {
      return "";
    }
    StringBuilder out = new StringBuilder("<wd:Response_Data>");
    List<ObjectNode> workers = data.resource("workers").orElse(List.of());
    for (ObjectNode worker : workers) {
      out.append("<wd:Worker><wd:Worker_Reference><wd:ID wd:type=\"Employee_ID\">")
          .append(worker.path("employeeID").asString(""))
          .append("</wd:ID></wd:Worker_Reference><wd:Worker_Data><wd:User_ID>")
          .append(Xml.escaped(worker.path("fullName").asString("")))
          .append("</wd:User_ID></wd:Worker_Data></wd:Worker>");
    }
    return out.append("</wd:Response_Data><wd:Response_Results><wd:Total_Results>")
        .append(workers.size())
        .append("</wd:Total_Results></wd:Response_Results>")
        .toString();
  }

  private static String enveloped(String body) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<env:Envelope xmlns:env=\""
        + SOAP
        + "\"><env:Body xmlns:wd=\""
        + WORKDAY
        + "\">"
        + body
        + "</env:Body></env:Envelope>";
  }

  static SimulatedAnswer fault(String code, String words) {
    return SimulatedAnswer.text(
        500,
        "text/xml;charset=UTF-8",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\""
            + SOAP
            + "\"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:"
            + code
            + "</faultcode><faultstring>"
            + words
            + "</faultstring></SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>");
  }
}
