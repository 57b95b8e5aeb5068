// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * A policy bundle that was read, validated and compiled. Immutable and thread-safe; made by {@link
 * BundleReader}, so an instance is consistent in itself.
 */
public final class Bundle {
  private final Metadata metadata;
  private final Gateway gateway;
  private final Map<String, Issuer> issuers;
  private final Map<String, ConnectorRule> connectors;
  private final Map<String, AgentRule> agents;
  private final Map<String, SandboxRule> sandboxes;
  private final Map<Actor, AgentRule> agentsByActor;
  private final Map<String, Issuer> issuersByClaim;

  /** Who a token's outermost {@code act} says is calling. */
  private record Actor(String issuer, String subject) {}

  /**
   * @throws IllegalArgumentException when two agents are the same actor, or two issuers have the
   *     same {@code iss}: it would be undefined which of them a token means
   */
  public Bundle(
      Metadata metadata,
      Gateway gateway,
      Map<String, Issuer> issuers,
      Map<String, ConnectorRule> connectors,
      Map<String, AgentRule> agents,
      Map<String, SandboxRule> sandboxes) {
    this.metadata = Objects.requireNonNull(metadata, "metadata");
    this.gateway = Objects.requireNonNull(gateway, "gateway");
    this.issuers = Map.copyOf(issuers);
    this.connectors = Map.copyOf(connectors);
    this.agents = Map.copyOf(agents);
    this.sandboxes = Map.copyOf(sandboxes);
    this.agentsByActor =
        indexed("actor", agents.values(), agent -> new Actor(agent.issuer, agent.subject));
    this.issuersByClaim = indexed("issuer", issuers.values(), Issuer::issuer);
  }

  private static <K, V> Map<K, V> indexed(String what, Collection<V> values, Function<V, K> keyOf) {
    Map<K, V> index = new HashMap<>();
    for (V value : values) {
      K key = keyOf.apply(value);
      if (index.put(key, value) != null) {
        throw new IllegalArgumentException("two entries have the same " + what + ": " + key);
      }
    }
    return Map.copyOf(index);
  }

  public Metadata metadata() {
    return metadata;
  }

  public Gateway gateway() {
    return gateway;
  }

  public Map<String, Issuer> issuers() {
    return issuers;
  }

  public Map<String, ConnectorRule> connectors() {
    return connectors;
  }

  public Map<String, AgentRule> agents() {
    return agents;
  }

  public Map<String, SandboxRule> sandboxes() {
    return sandboxes;
  }

  /** {@code name@version}, as evidence and denials name the policy. */
  public String id() {
    return metadata.name + "@" + metadata.version;
  }

  /** The agent whose actor this is, if the bundle names one. */
  public Optional<AgentRule> agent(String issuerName, String actorSubject) {
    return Optional.ofNullable(agentsByActor.get(new Actor(issuerName, actorSubject)));
  }

  /** The trusted issuer with exactly this {@code iss}, if the bundle names one. */
  public Optional<Issuer> trustedIssuer(String iss) {
    return Optional.ofNullable(issuersByClaim.get(iss));
  }

  @Override
  public String toString() {
    return "Bundle[" + id() + "]";
  }

  public record Metadata(String name, int version) {}

  /**
   * @param externalUrl the gateway's origin as agents see it, without a trailing slash
   * @param limits sizes above which a request is denied before it is parsed
   * @param dpop how proofs of possession are checked
   */
  public record Gateway(URI externalUrl, Limits limits, Dpop dpop) {}

  /**
   * How DPoP proofs are checked (RFC 9449 §11.1).
   *
   * @param nonce a proof must carry a nonce of this gateway (RFC 9449 §9)
   * @param window how old a proof may be
   */
  public record Dpop(boolean nonce, Duration window) {
    public static Dpop defaults() {
      return new Dpop(false, Duration.ofSeconds(60));
    }
  }

  /**
   * Sizes in bytes, checked before anything is parsed.
   *
   * @param maxTokenBytes one access token
   * @param maxProofBytes one DPoP proof
   * @param maxTargetBytes path and query
   * @param maxBodyBytes a body that a connector must read, unless the connector's own limit says
   *     otherwise
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
   * @param limits how many calls it may be sent
   * @param maxBodyBytes longest body that its connector reads
   */
  public record ConnectorRule(
      String name,
      String adapter,
      String path,
      URI upstream,
      String credential,
      Map<String, String> options,
      Duration timeout,
      CallLimits limits,
      int maxBodyBytes) {
    public ConnectorRule {
      options = Map.copyOf(options);
    }

    /** What stands in front of the system's own paths: the mount point, or nothing at the root. */
    public String prefix() {
      return path.equals("/") ? "" : path;
    }
  }

  /**
   * How many calls one system may be sent, whoever asks for them.
   *
   * @param calls at most so many within {@code per}; empty sets no rate
   * @param per the period that {@code calls} are counted in
   * @param concurrent at most so many that wait for the head of their answer
   */
  public record CallLimits(OptionalInt calls, Duration per, int concurrent) {
    /** No rate, for vendors say theirs with 429; 256 calls at a time. */
    public static CallLimits defaults() {
      return new CallLimits(OptionalInt.empty(), Duration.ofSeconds(1), 256);
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
  public record CeilingRule(
      Scope scope, FieldRule fields, ReadLimits limits, Optional<Condition> when, int line) {}

  /**
   * How much one request may read.
   *
   * @param rows most rows that it may ask for; empty sets no limit
   */
  public record ReadLimits(OptionalInt rows) {
    private static final ReadLimits NONE = new ReadLimits(OptionalInt.empty());

    public static ReadLimits none() {
      return NONE;
    }

    /** Whether an attempt keeps within these limits. What does not read always does. */
    public boolean permit(Attempt attempt) {
      return rows.isEmpty() || !attempt.reads() || attempt.rows().areAtMost(rows.getAsInt());
    }
  }

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

  /**
   * Resource limits; absent means that the kernel's own limit stands.
   *
   * @param memory in bytes
   * @param cpuPercent 100 is one CPU
   */
  public record HostLimits(
      OptionalInt processes, OptionalLong memory, OptionalInt openFiles, OptionalInt cpuPercent) {

    /** The kernel's own limits stand. */
    public static HostLimits none() {
      return new HostLimits(
          OptionalInt.empty(), OptionalLong.empty(), OptionalInt.empty(), OptionalInt.empty());
    }

    /** These limits with another one on processes and threads. */
    public HostLimits withProcesses(int most) {
      return new HostLimits(OptionalInt.of(most), memory, openFiles, cpuPercent);
    }

    /** These limits with another one on memory, in bytes. */
    public HostLimits withMemory(long most) {
      return new HostLimits(processes, OptionalLong.of(most), openFiles, cpuPercent);
    }

    /** These limits with another one on the open files of a process. */
    public HostLimits withOpenFiles(int most) {
      return new HostLimits(processes, memory, OptionalInt.of(most), cpuPercent);
    }

    /** These limits with another one on processor time, where 100 is one CPU. */
    public HostLimits withCpuPercent(int most) {
      return new HostLimits(processes, memory, openFiles, OptionalInt.of(most));
    }
  }
}
