// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.workday;

import dev.bailiwick.connector.BodyLimits;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.workday.XmlNode.Element;
import java.util.Locale;
import java.util.Optional;

/** Tells a bad credential from every other SOAP fault: both come under status 500. */
final class SoapFault {
  private SoapFault() {}

  /** True only when a fault says so plainly; whatever cannot be read says nothing. */
  static boolean saysBadCredential(byte[] body) {
    try {
      Element root = XmlReader.read(body, BodyLimits.defaults());
      Optional<Element> fault =
          root.descendants()
              .filter(element -> element.name().is(SoapEnvelope.SOAP, "Fault"))
              .findFirst();
      return fault.isPresent() && (hasCode(fault.get()) || hasWords(fault.get()));
    } catch (MalformedRequestException e) {
      return false;
    }
  }

  /** {@code SOAP-ENV:Client.authenticationError}, and the code of WS-Security for the same. */
  private static boolean hasCode(Element fault) {
    String code = child(fault, "faultcode");
    String local = code.substring(code.lastIndexOf(':') + 1);
    return local.equals("Client.authenticationError") || local.equals("FailedAuthentication");
  }

  private static boolean hasWords(Element fault) {
    return child(fault, "faultstring")
        .toLowerCase(Locale.ROOT)
        .contains("invalid username or password");
  }

  private static String child(Element fault, String name) {
    return fault.elements().stream()
        .filter(element -> element.name().local().equals(name))
        .map(element -> element.text().strip())
        .findFirst()
        .orElse("");
  }
}
