// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.Endpoint.Protocol;
import dev.bailiwick.policy.Destination;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Compiles {@code reach} into endpoints: the gateway, or literal addresses. Names are never asked
 * of a resolver, because the sandbox has none: a gateway that is a name must be in the machine's
 * hosts file, where the sandbox finds the same answer.
 */
final class Reach {
  private static final Pattern IPV4 =
      Pattern.compile(
          "(OCTET\\.){3}OCTET".replace("OCTET", "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"));

  private final HostsFile hosts;

  Reach(HostsFile hosts) {
    this.hosts = hosts;
  }

  /**
   * @param where the bundle path to name in a sentence
   * @param udp whether each destination may be spoken to over UDP as well
   */
  List<Endpoint> compile(String where, List<String> reach, URI gateway, boolean udp)
      throws SandboxException {
    List<Endpoint> endpoints = new ArrayList<>();
    for (String entry : reach) {
      for (Endpoint tcp : endpoints(where, entry, gateway)) {
        endpoints.add(tcp);
        if (udp) {
          endpoints.add(new Endpoint(Protocol.UDP, tcp.address(), tcp.prefix(), tcp.port()));
        }
      }
    }
    return List.copyOf(endpoints);
  }

  private List<Endpoint> endpoints(String where, String entry, URI gateway)
      throws SandboxException {
    try {
      return switch (Destination.parse(entry)) {
        case Destination.Gateway there -> gateway(gateway);
        case Destination.Address(InetAddress ip, int port) -> List.of(exact(where, ip, port));
      };
    } catch (IllegalArgumentException e) {
      throw new SandboxException(where + ": found " + entry + "; " + e.getMessage());
    }
  }

  private List<Endpoint> gateway(URI url) throws SandboxException {
    String host = url.getHost();
    if (host == null) {
      throw new SandboxException("the gateway's URL names no host: " + url);
    }
    int port = port(url);
    Optional<InetAddress> literal = address(host);
    List<InetAddress> addresses =
        literal.isPresent() ? List.of(literal.get()) : hosts.addresses(host);
    if (addresses.isEmpty()) {
      throw new SandboxException(
          "the gateway is named "
              + host
              + ", and "
              + hosts.file()
              + " gives no address for it; a sandbox has no resolver, so add a line there, or give"
              + " the gateway with its literal address");
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (InetAddress address : addresses) {
      endpoints.add(exact(url.toString(), address, port));
    }
    return endpoints;
  }

  private static int port(URI url) throws SandboxException {
    if (url.getPort() > 0) {
      return url.getPort();
    }
    return switch (String.valueOf(url.getScheme())) {
      case "https" -> 443;
      case "http" -> 80;
      default -> throw new SandboxException("the gateway's URL is neither http nor https: " + url);
    };
  }

  private static Endpoint exact(String where, InetAddress address, int port)
      throws SandboxException {
    if (address.isAnyLocalAddress()) {
      throw new SandboxException(
          where + " names " + address.getHostAddress() + ", which is no address of any host");
    }
    return new Endpoint(Protocol.TCP, address, address.getAddress().length * Byte.SIZE, port);
  }

  /** A literal address, or empty for a name. Never asks a resolver. */
  static Optional<InetAddress> address(String text) {
    boolean v6 = text.startsWith("[") && text.endsWith("]") && text.indexOf('%') < 0;
    if (!v6 && !IPV4.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
