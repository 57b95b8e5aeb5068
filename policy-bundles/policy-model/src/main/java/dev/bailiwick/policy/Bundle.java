// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A policy bundle that was read, validated and compiled. Immutable and thread-safe; made only by
 * {@link BundleReader}, so an instance is always consistent in itself.
 */
public record Bundle(
    Metadata metadata,
    Gateway gateway,
    Map<String, Issuer> issuers,
    Map<String, ConnectorRule> connectors,
    Map<String, AgentRule> agents,
    Map<String, SandboxRule> sandboxes) {

  public Bundle {
    issuers = Map.copyOf(issuers);
    connectors = Map.copyOf(connectors);
    agents = Map.copyOf(agents);
    sandboxes = Map.copyOf(sandboxes);
  }

  /** {@code name@version}, as evidence and denials name the policy. */
  public String id() {
    return metadata.name + "@" + metadata.version;
  }

  public record Metadata(String name, int version) {}

  /**
   * @param externalUrl the gateway's origin as agents see it, without a trailing slash
   * @param limits sizes above which a request is denied before it is parsed
   */
  public record Gateway(URI externalUrl, Limits limits) {}

  /**
   * Sizes in bytes, checked before anything is parsed.
   *
   * @param maxTokenBytes one access token
   * @param maxProofBytes one DPoP proof
   * @param maxTargetBytes path and query
   * @param maxBodyBytes a body that a connector must read
   */
  public record Limits(int maxTokenBytes, int maxProofBytes, int maxTargetBytes, int maxBodyBytes) {
    public static Limits defaults() {
      return new Limits(8 * 1024, 4 * 1024, 16 * 1024, 1024 * 1024);
    }
  }

  /** How a token must be bound to its holder. */
  public enum Proof {
    DPOP,
    MTLS,
    DPOP_OR_MTLS,
    BEARER
  }

  /** Which claim of a token is the grant. */
  public enum GrantClaim {
    /** {@code authorization_details} (RFC 9396); a {@code scope} beside it may only narrow. */
    AUTHORIZATION_DETAILS,
    /** {@code scope} alone, for issuers that cannot mint authorization details. */
    SCOPE
  }

  /**
   * A token issuer that the gateway trusts.
   *
   * @param name its name in the bundle
   * @param issuer the exact {@code iss}
   * @param jwks where its keys are
   * @param audience the exact {@code aud}
   * @param maxLifetime longest {@code exp − iat}
   * @param maxDepth longest actor chain
   * @param clockSkew tolerated difference of clocks, at most 60 s
   * @param claims claim names of this issuer for {@code task}, {@code session}, {@code groups};
   *     absent names mean the standard ones
   */
  public record Issuer(
      String name,
      String issuer,
      URI jwks,
      String audience,
      Proof proof,
      GrantClaim grants,
      Duration maxLifetime,
      int maxDepth,
      Duration clockSkew,
      Map<String, String> claims) {
    public Issuer {
      claims = Map.copyOf(claims);
    }
  }

  /**
   * A system behind the gateway.
   *
   * @param path mount point on the gateway, such as {@code /servicenow}
   * @param upstream origin of the system
   * @param credential reference into the credential store, such as {@code vault:servicenow/acme}
   * @param options adapter-specific settings
   * @param timeout how long one upstream answer may take to begin
   */
  public record ConnectorRule(
      String name,
      String adapter,
      String path,
      URI upstream,
      String credential,
      Map<String, String> options,
      Duration timeout) {
    public ConnectorRule {
      options = Map.copyOf(options);
    }
  }

  /**
   * An agent: the actor it is, and the most it may ever do.
   *
   * @param issuer name of the issuer that vouches for it
   * @param subject {@code act.sub} of the outermost actor
   * @param actorIssuer {@code act.iss} that is expected; empty accepts the token's own issuer
   */
  public record AgentRule(
      String name,
      String issuer,
      String subject,
      Optional<String> actorIssuer,
      List<CeilingRule> ceiling,
      ScopeIndex<CeilingRule> index,
      Delegation delegation) {
    public AgentRule {
      ceiling = List.copyOf(ceiling);
    }
  }

  /** One line of an agent's ceiling. {@code line} is where it stands in the bundle, from 1. */
  public record CeilingRule(Scope scope, FieldRule fields, Optional<Condition> when, int line) {}

  /** Limits on what this agent may hand on. */
  public record Delegation(int maxDepth, Duration maxLifetime) {}

  /** What the kernel must be able to enforce before anything is launched. */
  public enum Tier {
    /** Own uid, cgroup eBPF, Landlock and seccomp. */
    BASE,
    /** Everything in {@link #BASE}, and BPF LSM. */
    LSM
  }

  /**
   * A sandbox on the agent's host.
   *
   * @param reach destinations: {@code gateway}, or {@code address:port} with a literal address
   * @param read paths that may be read and executed
   * @param write paths that may be written, never executed; {@code workspace} is the sandbox's own
   * @param permit named compatibility options
   * @param environment variables that are set; nothing else is inherited
   */
  public record SandboxRule(
      String name,
      Tier tier,
      List<String> reach,
      List<String> read,
      List<String> write,
      Set<String> permit,
      Map<String, String> environment,
      HostLimits limits) {
    public SandboxRule {
      reach = List.copyOf(reach);
      read = List.copyOf(read);
      write = List.copyOf(write);
      permit = Set.copyOf(permit);
      environment = Map.copyOf(environment);
    }
  }

  /** Resource limits; absent means that the kernel's own limit stands. Memory is in bytes. */
  public record HostLimits(OptionalInt processes, OptionalLong memory, OptionalInt openFiles) {}

  /** The agent whose actor this is, if the bundle names one. */
  public Optional<AgentRule> agent(String issuerName, String actorSubject) {
    return agents.values().stream()
        .filter(agent -> agent.issuer.equals(issuerName) && agent.subject.equals(actorSubject))
        .findFirst();
  }
}
