// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.audit.AuditRecord.Actor;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.gateway.token.Confirmation;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Mints delegated access tokens (RFC 9068 with {@code act}, {@code cnf}, {@code txn} and {@code
 * authorization_details}) for tests, demonstrations and the command line. It signs what it is told;
 * it is no authorization server. Thread-safe; a {@link Draft} is not.
 */
public final class AgentTokenMint {
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final String issuer;
  private final SigningKey key;
  private final Clock clock;

  private AgentTokenMint(String issuer, SigningKey key, Clock clock) {
    this.issuer = issuer;
    this.key = key;
    this.clock = clock;
  }

  /** A mint that signs as this issuer. */
  public static AgentTokenMint create(String issuer, SigningKey key, Clock clock) {
    return new AgentTokenMint(
        Objects.requireNonNull(issuer, "issuer"),
        Objects.requireNonNull(key, "key"),
        Objects.requireNonNull(clock, "clock"));
  }

  /**
   * A token on behalf of a principal. Without further calls it has a random {@code jti} and {@code
   * txn}, lives five minutes, is bound to no key and grants nothing.
   *
   * @param audience the gateway, as its bundle names it
   */
  public Draft draft(String principal, String audience) {
    return new Draft(principal, audience);
  }

  /** A token that is being filled in. */
  public final class Draft {
    private final String principal;
    private final String audience;
    private final List<Actor> actors = new ArrayList<>();
    private final List<TokenGrant> grants = new ArrayList<>();
    private final Map<String, Object> others = new LinkedHashMap<>();
    private @Nullable String client;
    private String task = UUID.randomUUID().toString();
    private String tokenId = UUID.randomUUID().toString();
    private Duration lifetime = LIFETIME;
    private Confirmation confirmation = new Confirmation.None();

    private Draft(String principal, String audience) {
      this.principal = Objects.requireNonNull(principal, "principal");
      this.audience = Objects.requireNonNull(audience, "audience");
    }

    /** {@code client_id}; without it the outermost actor's subject, or else the principal. */
    public Draft client(String clientId) {
      client = Objects.requireNonNull(clientId, "clientId");
      return this;
    }

    /** Adds an actor: the first one is the caller, the next one called it, and so on inwards. */
    public Draft actor(String actorIssuer, String subject) {
      actors.add(new Actor(actorIssuer, subject));
      return this;
    }

    /** {@code txn}. */
    public Draft task(String txn) {
      task = Objects.requireNonNull(txn, "txn");
      return this;
    }

    /** {@code sid}. */
    public Draft session(String sid) {
      return claim("sid", sid);
    }

    /** {@code jti}. */
    public Draft tokenId(String jti) {
      tokenId = Objects.requireNonNull(jti, "jti");
      return this;
    }

    /** The token that this one was exchanged for. */
    public Draft parent(String parentIssuer, String parentTokenId) {
      return claim(AgentToken.PARENT_CLAIM, Map.of("iss", parentIssuer, "jti", parentTokenId));
    }

    /** {@code exp − iat}, in whole seconds. */
    public Draft lifetime(Duration duration) {
      lifetime = Objects.requireNonNull(duration, "duration");
      return this;
    }

    /** Grants a scope in its written form, such as {@code servicenow:table/incident:read}. */
    public Draft grant(String scope) {
      return grant(Scope.parse(scope), FieldRule.any());
    }

    /** Grants a scope, limited to some fields. */
    public Draft grant(Scope scope, FieldRule fields) {
      grants.add(new TokenGrant(scope, fields));
      return this;
    }

    /** {@code cnf.jkt} of this proof key. */
    public Draft boundTo(SigningKey proofKey) {
      return boundTo(new Confirmation.DpopKey(proofKey.thumbprint()));
    }

    public Draft boundTo(Confirmation binding) {
      confirmation = Objects.requireNonNull(binding, "binding");
      return this;
    }

    /** Any other claim; it also replaces one of the above. */
    public Draft claim(String name, Object value) {
      others.put(name, Objects.requireNonNull(value, "value"));
      return this;
    }

    /** The compact token. */
    public String sign() {
      return key.signCompact(header(), claims());
    }

    private Map<String, Object> header() {
      Map<String, Object> header = new LinkedHashMap<>();
      header.put("typ", "at+jwt");
      header.put("alg", key.algorithm().headerValue());
      header.put("kid", key.keyId());
      return header;
    }

    private Map<String, Object> claims() {
      Instant now = clock.instant();
      Map<String, Object> claims = new LinkedHashMap<>();
      claims.put("iss", issuer);
      claims.put("aud", audience);
      claims.put("sub", principal);
      claims.put("client_id", clientId());
      claims.put("iat", now.getEpochSecond());
      claims.put("exp", now.plus(lifetime).getEpochSecond());
      claims.put("jti", tokenId);
      claims.put("txn", task);
      Map<String, Object> act = act();
      if (act != null) {
        claims.put("act", act);
      }
      switch (confirmation) {
        case Confirmation.DpopKey bound -> claims.put("cnf", Map.of("jkt", bound.thumbprint()));
        case Confirmation.ClientCertificate bound ->
            claims.put("cnf", Map.of("x5t#S256", bound.thumbprint()));
        case Confirmation.None none -> {}
      }
      if (!grants.isEmpty()) {
        claims.put("authorization_details", details());
      }
      claims.putAll(others);
      return claims;
    }

    private String clientId() {
      if (client != null) {
        return client;
      }
      return actors.isEmpty() ? principal : actors.get(0).subject();
    }

    private @Nullable Map<String, Object> act() {
      Map<String, Object> inner = null;
      for (int i = actors.size() - 1; i >= 0; i--) {
        Map<String, Object> act = new LinkedHashMap<>();
        act.put("iss", actors.get(i).issuer());
        act.put("sub", actors.get(i).subject());
        if (inner != null) {
          act.put("act", inner);
        }
        inner = act;
      }
      return inner;
    }

    /** One entry for all actions of the same object and fields. */
    private List<Map<String, Object>> details() {
      record Target(String connector, String datatype, FieldRule fields) {}
      Map<Target, List<String>> actions = new LinkedHashMap<>();
      for (TokenGrant grant : grants) {
        Scope scope = grant.scope();
        Target target =
            new Target(scope.connector(), scope.family() + "/" + scope.object(), grant.fields());
        actions.computeIfAbsent(target, t -> new ArrayList<>()).add(scope.action());
      }
      List<Map<String, Object>> details = new ArrayList<>();
      actions.forEach(
          (target, words) -> {
            Map<String, Object> detail = new LinkedHashMap<>();
            detail.put("type", TokenGrant.DETAILS_TYPE);
            detail.put("identifier", target.connector());
            detail.put("datatypes", List.of(target.datatype()));
            detail.put("actions", words.stream().distinct().toList());
            if (!target.fields().isAny()) {
              detail.put("fields", fields(target.fields()));
            }
            details.add(detail);
          });
      return details;
    }

    private Map<String, Object> fields(FieldRule rule) {
      Map<String, Object> fields = new LinkedHashMap<>();
      if (!rule.allow().isEmpty()) {
        fields.put("allow", rule.allow().stream().sorted().toList());
      }
      if (!rule.deny().isEmpty()) {
        fields.put("deny", rule.deny().stream().sorted().toList());
      }
      return fields;
    }

    /** Names nobody. */
    @Override
    public String toString() {
      return "Draft[hidden]";
    }
  }
}
