// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.Destination;
import dev.bailiwick.enforcer.kernel.Destination.Protocol;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles {@code reach} into destinations: the gateway, or literal addresses. Names are never
 * asked of a resolver, because the sandbox has none: a gateway that is a name must be in the
 * machine's hosts file, where the sandbox finds the same answer.
 */
final class Reach {
  private static final Pattern LITERAL =
      Pattern.compile(
          "(?<address>[0-9.]+|\\[[0-9A-Fa-f:.]+])(/(?<prefix>\\d{1,3}))?:(?<port>\\d{1,5})");
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
  List<Destination> compile(String where, List<String> reach, URI gateway, boolean udp)
      throws SandboxException {
    List<Destination> destinations = new ArrayList<>();
    for (String entry : reach) {
      for (Destination tcp :
          entry.equals("gateway") ? gateway(gateway) : List.of(literal(where, entry))) {
        destinations.add(tcp);
        if (udp) {
          destinations.add(new Destination(Protocol.UDP, tcp.address(), tcp.prefix(), tcp.port()));
        }
      }
    }
    return List.copyOf(destinations);
  }

  private List<Destination> gateway(URI url) throws SandboxException {
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
    List<Destination> destinations = new ArrayList<>();
    for (InetAddress address : addresses) {
      destinations.add(exact(url.toString(), address, port));
    }
    return destinations;
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

  private static Destination literal(String where, String entry) throws SandboxException {
    Matcher matcher = LITERAL.matcher(entry);
    Optional<InetAddress> address =
        matcher.matches() ? address(matcher.group("address")) : Optional.empty();
    if (address.isEmpty()) {
      throw new SandboxException(
          where
              + " must hold gateway or address:port with a literal address"
              + " (192.0.2.1:443, [2001:db8::1]:443, 192.0.2.0/24:443), not "
              + entry);
    }
    int port = Integer.parseInt(matcher.group("port"));
    if (matcher.group("prefix") == null) {
      return exact(where, address.get(), port);
    }
    return destination(where, address.get(), Integer.parseInt(matcher.group("prefix")), port);
  }

  private static Destination exact(String where, InetAddress address, int port)
      throws SandboxException {
    if (address.isAnyLocalAddress()) {
      throw new SandboxException(
          where + " names " + address.getHostAddress() + ", which is no address of any host");
    }
    return destination(where, address, address.getAddress().length * Byte.SIZE, port);
  }

  private static Destination destination(String where, InetAddress address, int prefix, int port)
      throws SandboxException {
    try {
      return new Destination(Protocol.TCP, address, prefix, port);
    } catch (IllegalArgumentException e) {
      throw new SandboxException(where + ": " + e.getMessage());
    }
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
