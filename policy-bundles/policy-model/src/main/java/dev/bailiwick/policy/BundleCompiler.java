// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import dev.bailiwick.policy.Bundle.AgentRule;
import dev.bailiwick.policy.Bundle.ConnectorRule;
import dev.bailiwick.policy.Bundle.Dpop;
import dev.bailiwick.policy.Bundle.Gateway;
import dev.bailiwick.policy.Bundle.GrantClaim;
import dev.bailiwick.policy.Bundle.Issuer;
import dev.bailiwick.policy.Bundle.Limits;
import dev.bailiwick.policy.Bundle.Metadata;
import dev.bailiwick.policy.Bundle.Proof;
import dev.bailiwick.policy.Bundle.SandboxRule;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Turns a document into a bundle and says where its parts contradict each other. The schema has
 * looked at the shape before: which keys there are, and what kind of value each takes.
 */
final class BundleCompiler {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final int LARGEST_HEADER = 64 * 1024;

  /** A body that is read is held whole, and several times over once it is understood. */
  static final int LARGEST_BODY = 64 * 1024 * 1024;

  /** Stands in for an address that a problem was reported for. */
  private static final URI UNUSABLE = URI.create("https://unusable.invalid");

  private final Section root;
  private final Problems problems;

  private BundleCompiler(Section root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  /**
   * Compiles a document.
   *
   * @throws PolicyException with every problem that this and earlier steps found
   */
  static Bundle compile(Located document, Problems problems) throws PolicyException {
    return new BundleCompiler(new Section(document, problems), problems).compile();
  }

  private Bundle compile() throws PolicyException {
    if (!root.at().json().isObject()) {
      problems.at(root.at(), "found " + root.at().found() + "; expected a mapping");
    }
    Metadata metadata = metadata(root.section("metadata"));
    Gateway gateway = gateway(root.section("gateway"));
    Map<String, Issuer> issuers = root.each("issuers", this::issuer);
    distinct("issuers", issuers, Issuer::issuer, "issuer", "the same issuer");
    Map<String, ConnectorRule> connectors = new ConnectorSection(gateway, problems).read(root);
    Map<String, AgentRule> agents = new AgentSection(issuers, connectors, problems).read(root);
    Map<String, SandboxRule> sandboxes = new SandboxSection(problems).read(root);
    problems.throwIfAny();
    return new Bundle(metadata, gateway, issuers, connectors, agents, sandboxes);
  }

  private Metadata metadata(Section section) {
    return new Metadata(
        section.text("name"), section.integer("version", 1, Integer.MAX_VALUE).orElse(1));
  }

  private Gateway gateway(Section section) {
    Limits limits = Limits.defaults();
    Section sizes = section.section("limits");
    Dpop dpop = Dpop.defaults();
    Section proofs = section.section("dpop");
    return new Gateway(
        address(section, "externalUrl", WebAddress::origin),
        new Limits(
            sizes.bytes("maxTokenBytes", limits.maxTokenBytes(), LARGEST_HEADER),
            sizes.bytes("maxProofBytes", limits.maxProofBytes(), LARGEST_HEADER),
            sizes.bytes("maxTargetBytes", limits.maxTargetBytes(), LARGEST_HEADER),
            sizes.bytes("maxBodyBytes", limits.maxBodyBytes(), LARGEST_BODY)),
        new Dpop(
            proofs.bool("nonce", dpop.nonce()),
            proofs.duration("window", dpop.window(), SECOND, Duration.ofMinutes(5))));
  }

  private Issuer issuer(String name, Section section) {
    address(section, "issuer", WebAddress::url);
    Map<String, String> claims = new HashMap<>();
    Section names = section.section("claims");
    for (String claim : names.at().members().keySet()) {
      claims.put(claim, names.text(claim));
    }
    return new Issuer(
        name,
        section.text("issuer"),
        address(section, "jwks", WebAddress::url),
        section.text("audience"),
        section.word("proof", Proof.class, Proof.DPOP),
        section.word("grants", GrantClaim.class, GrantClaim.AUTHORIZATION_DETAILS),
        section.duration("maxLifetime", Duration.ofMinutes(15), SECOND, Duration.ofHours(24)),
        section.integer("maxDepth", 1, 8).orElse(4),
        section.duration(
            "clockSkew", Duration.ofSeconds(30), Duration.ZERO, Duration.ofSeconds(60)),
        claims);
  }

  /** Two entries that share what tells them apart on the wire would be one and the same. */
  private <T> void distinct(
      String list, Map<String, T> entries, Function<T, String> key, String member, String what) {
    Map<String, String> first = new HashMap<>();
    entries.forEach(
        (name, entry) -> {
          String earlier = first.putIfAbsent(key.apply(entry), name);
          if (earlier != null && !key.apply(entry).equals(Section.UNUSABLE)) {
            Located at = root.section(list).section(name).at();
            problems.at(
                at.member(member).orElse(at),
                what + " stands under " + list + "." + earlier + " already; keep one of the two");
          }
        });
  }

  private static URI address(Section section, String key, Function<String, URI> parse) {
    return section.parsed(key, parse, UNUSABLE);
  }
}
