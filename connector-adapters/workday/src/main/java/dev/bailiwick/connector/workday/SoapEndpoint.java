// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonBody;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.workday.XmlNode.Attribute;
import dev.bailiwick.connector.workday.XmlNode.Element;
import dev.bailiwick.connector.workday.XmlNode.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A service of the SOAP API. The operation is the one element in the body, whatever {@code
 * SOAPAction} says. {@code Get_} reads; {@code Put_} adds or updates, and deletes what is marked
 * {@code Delete}; everything else starts a process and is an execution.
 *
 * @param version as in the path, {@code v42.0}
 */
record SoapEndpoint(String tenant, String service, String version) implements Endpoint {
  private static final Pattern SERVICE = Pattern.compile("[A-Z][A-Za-z0-9_]{0,79}");
  private static final Pattern VERSION = Pattern.compile("v[1-9][0-9]?\\.[0-9]");
  private static final Pattern OPERATION = Pattern.compile("[A-Z][A-Za-z0-9_]{0,119}");
  private static final String REQUEST = "_Request";

  static SoapEndpoint of(ConnectorRequest request, String tenant, List<String> path) {
    if (path.size() != 2
        || !SERVICE.matcher(path.get(0)).matches()
        || !VERSION.matcher(path.get(1)).matches()) {
      throw MalformedRequestException.unknown(
          "expected /ccx/service/<tenant>/<Service>/v<NN.N>, nothing more");
    }
    if (!request.target().parameters().isEmpty()) {
      throw MalformedRequestException.unknown(
          "a SOAP path takes no parameters; service descriptions (?wsdl) are not served");
    }
    if (!request.method().equals("POST")) {
      throw MalformedRequestException.unknown("SOAP takes POST only");
    }
    return new SoapEndpoint(tenant, path.get(0), path.get(1));
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head, Answers answers) {
    MediaType type = MediaType.of(head.headers());
    boolean utf8 = type.charset().isEmpty() || type.charset().equals("utf-8");
    if (!type.is("text/xml") || !utf8) {
      throw MalformedRequestException.mediaType(
          "SOAP takes text/xml in UTF-8, found " + type + ": no multipart, no MTOM");
    }
    JsonBody.requireIdentity(head.headers());
    return Classification.reading(
        (body, limits) -> {
          SoapEnvelope envelope = SoapEnvelope.read(body, limits);
          return new SoapCall(
              head, operations(head.headers(), envelope.operation()), envelope, tenant, answers);
        });
  }

  private List<Operation> operations(Headers headers, Element element) {
    String local = element.name().local();
    String name =
        local.endsWith(REQUEST) ? local.substring(0, local.length() - REQUEST.length()) : local;
    if (!OPERATION.matcher(name).matches()) {
      throw MalformedRequestException.unknown("the name of the SOAP operation is in no known form");
    }
    requireSameVersion(element);
    requireSameAction(headers, local, name);
    String object = service + "." + name;
    if (name.startsWith("Get_")) {
      return List.of(
          Operation.of("soap", object, Action.READ, FieldUse.all()).withRows(rows(element)));
    }
    FieldUse fields = new FieldUse(Set.of(), Set.of(), written(element), false);
    return actions(element, name).stream()
        .map(action -> Operation.of("soap", object, action, fields))
        .toList();
  }

  /** {@code <Response_Filter><Count>}, the one of each that is there. */
  private static RowBound rows(Element element) {
    List<Element> filters = named(List.of(element), "Response_Filter");
    List<Element> counts = named(filters, "Count");
    boolean plain =
        filters.size() == 1
            && counts.size() == 1
            && counts.getFirst().elements().isEmpty()
            && counts.getFirst().attributes().isEmpty();
    return RowBound.written(
        plain ? counts.getFirst().text().strip() : "",
        "<Response_Filter><Count>#</Count></Response_Filter>");
  }

  private static List<Element> named(List<Element> parents, String local) {
    return parents.stream()
        .flatMap(parent -> parent.elements().stream())
        .filter(child -> child.name().is(SoapEnvelope.WORKDAY, local))
        .toList();
  }

  private static List<Action> actions(Element element, String name) {
    if (!name.startsWith("Put_")) {
      return List.of(Action.EXECUTE);
    }
    List<Action> actions = new ArrayList<>(List.of(Action.CREATE, Action.UPDATE));
    if (marks(element).anyMatch(SoapEndpoint::deletes)) {
      actions.add(Action.DELETE);
    }
    return actions;
  }

  /** {@code Replace_All} deletes what stands there and is not in the message. */
  private static boolean deletes(Name mark) {
    return mark.local().equalsIgnoreCase("Delete") || mark.local().equalsIgnoreCase("Replace_All");
  }

  /**
   * Names of attributes and of elements anywhere in the operation, since services mark it either
   * way; {@code Delete="false"} counts too, to be safe.
   */
  private static Stream<Name> marks(Element element) {
    return Stream.concat(Stream.of(element), element.descendants())
        .flatMap(
            each ->
                Stream.concat(
                    Stream.of(each.name()), each.attributes().stream().map(Attribute::name)));
  }

  private static Set<String> written(Element element) {
    return element.descendants().map(each -> each.name().local()).collect(Collectors.toSet());
  }

  private void requireSameVersion(Element element) {
    for (Attribute attribute : element.attributes()) {
      if (attribute.name().local().equals("version") && !attribute.value().equals(version)) {
        throw MalformedRequestException.forbidden(
            "the operation names another version than the path: write one");
      }
    }
  }

  private static void requireSameAction(Headers headers, String local, String name) {
    for (String line : headers.all("soapaction")) {
      String action = line.replace("\"", "").strip();
      if (!action.isEmpty() && !action.equals(local) && !action.equals(name)) {
        throw MalformedRequestException.forbidden(
            "SOAPAction names another operation than the body: leave it empty");
      }
    }
  }
}
