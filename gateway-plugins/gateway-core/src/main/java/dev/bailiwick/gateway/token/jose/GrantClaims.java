// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.token.jose;

import dev.bailiwick.connector.Action;
import dev.bailiwick.gateway.DenyReason;
import dev.bailiwick.gateway.token.TokenGrant;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.FieldRule;
import dev.bailiwick.policy.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a token grants, from {@code authorization_details} (RFC 9396 §2) and {@code scope}.
 *
 * <p>The bundle says which of the two must be there. Where both are, an operation must be covered
 * by both: the grants are the intersection of each detail with each scope of our form. Scopes of
 * another form ({@code openid}) are somebody else's and mean nothing here; a {@code scope} of only
 * such ones does not narrow the details.
 *
 * <p>One detail is an object of type {@link TokenGrant#DETAILS_TYPE} with {@code identifier} (the
 * connector), {@code datatypes} (such as {@code table/incident}), {@code actions}, and optionally
 * {@code fields} ({@code allow}, {@code deny}) and {@code locations}, which must then name this
 * gateway. An unknown type or member is denied: it may be a restriction.
 */
final class GrantClaims {
  private static final int MAX_GRANTS = 256;

  private static final Set<String> REQUIRED = Set.of("type", "identifier", "datatypes", "actions");
  private static final Set<String> KNOWN =
      Set.of("type", "identifier", "datatypes", "actions", "fields", "locations");
  private static final Set<String> ACTIONS =
      Arrays.stream(Action.values()).map(Action::word).collect(Collectors.toUnmodifiableSet());

  private GrantClaims() {}

  static List<TokenGrant> read(Claims claims, Bundle.Issuer issuer) {
    Object details = claims.get("authorization_details");
    List<Scope> scopes = scopes(claims.get("scope"));
    if (issuer.grants() == Bundle.GrantClaim.SCOPE && scopes.isEmpty()) {
      throw denied("scope grants nothing here, and issuers.grants demands that it does");
    }
    if (details == null) {
      if (issuer.grants() == Bundle.GrantClaim.AUTHORIZATION_DETAILS) {
        throw denied("authorization_details is missing, and issuers.grants demands it");
      }
      return scopes.stream().map(scope -> new TokenGrant(scope, FieldRule.any())).toList();
    }
    List<TokenGrant> granted = details(details, issuer);
    return scopes.isEmpty() ? granted : narrow(granted, scopes);
  }

  // scope

  private static List<Scope> scopes(@Nullable Object claim) {
    if (claim == null) {
      return List.of();
    }
    if (!(claim instanceof String text)) {
      throw denied("scope is not a text of scopes with spaces between them (RFC 6749 §3.3)");
    }
    List<Scope> scopes = new ArrayList<>();
    for (String word : text.split(" ", -1)) {
      if (word.isEmpty()) {
        throw denied("scope is empty or has stray spaces (RFC 6749 §3.3)");
      }
      Scope.tryParse(word).ifPresent(scopes::add);
      requireFew(scopes.size());
    }
    return List.copyOf(scopes);
  }

  private static List<TokenGrant> narrow(List<TokenGrant> granted, List<Scope> scopes) {
    Set<TokenGrant> narrowed = new LinkedHashSet<>();
    for (TokenGrant grant : granted) {
      for (Scope scope : scopes) {
        intersect(grant.scope(), scope)
            .ifPresent(both -> narrowed.add(new TokenGrant(both, grant.fields())));
      }
      requireFew(narrowed.size());
    }
    return List.copyOf(narrowed);
  }

  /** What both cover: segment by segment the narrower one, or nothing. */
  private static Optional<Scope> intersect(Scope a, Scope b) {
    boolean disjoint =
        disjoint(a.connector(), b.connector())
            || disjoint(a.family(), b.family())
            || disjoint(a.object(), b.object())
            || disjoint(a.action(), b.action());
    return disjoint
        ? Optional.empty()
        : Optional.of(
            new Scope(
                narrower(a.connector(), b.connector()),
                narrower(a.family(), b.family()),
                narrower(a.object(), b.object()),
                narrower(a.action(), b.action())));
  }

  private static boolean disjoint(String a, String b) {
    return !a.equals(b) && !a.equals(Scope.ANY) && !b.equals(Scope.ANY);
  }

  private static String narrower(String a, String b) {
    return a.equals(Scope.ANY) ? b : a;
  }

  // authorization_details

  private static List<TokenGrant> details(Object claim, Bundle.Issuer issuer) {
    if (!(claim instanceof List<?> details) || details.isEmpty()) {
      throw denied("authorization_details is not an array of at least one object");
    }
    List<TokenGrant> grants = new ArrayList<>();
    for (Object detail : details) {
      addGrants(detail, issuer, grants);
    }
    return List.copyOf(grants);
  }

  private static void addGrants(Object detail, Bundle.Issuer issuer, List<TokenGrant> grants) {
    if (!(detail instanceof Map<?, ?> members)
        || !TokenGrant.DETAILS_TYPE.equals(members.get("type"))) {
      throw denied("an entry of authorization_details is not of type " + TokenGrant.DETAILS_TYPE);
    }
    if (!KNOWN.containsAll(members.keySet()) || !members.keySet().containsAll(REQUIRED)) {
      throw denied(
          "an entry of authorization_details must hold type, identifier, datatypes and actions, may"
              + " hold fields and locations, and nothing else");
    }
    requireThisGateway(members.get("locations"), issuer);
    FieldRule fields = fields(members.get("fields"));
    if (!(members.get("identifier") instanceof String connector)) {
      throw denied("the identifier in authorization_details is not the name of a connector");
    }
    Set<String> actions = words("actions", members.get("actions"));
    for (String datatype : words("datatypes", members.get("datatypes"))) {
      for (String action : actions) {
        grants.add(new TokenGrant(scope(connector, datatype, action), fields));
        requireFew(grants.size());
      }
    }
  }

  private static Scope scope(String connector, String datatype, String action) {
    if (!action.equals(Scope.ANY) && !ACTIONS.contains(action)) {
      throw denied("an action in authorization_details is none that connectors know");
    }
    return Scope.tryParse(connector + ":" + datatype + ":" + action)
        .filter(scope -> scope.connector().equals(connector))
        .orElseThrow(
            () ->
                denied(
                    "authorization_details name no scope: expected a connector and datatypes such"
                        + " as table/incident"));
  }

  private static void requireThisGateway(@Nullable Object locations, Bundle.Issuer issuer) {
    if (locations != null && !words("locations", locations).contains(issuer.audience())) {
      throw denied("locations in authorization_details name another resource than this gateway");
    }
  }

  private static FieldRule fields(@Nullable Object claim) {
    if (claim == null) {
      return FieldRule.any();
    }
    if (!(claim instanceof Map<?, ?> rule) || !Set.of("allow", "deny").containsAll(rule.keySet())) {
      throw denied("fields in authorization_details may hold only allow and deny");
    }
    return new FieldRule(fieldNames(rule.get("allow")), fieldNames(rule.get("deny")));
  }

  /** An empty list is denied: to us no list means every field, to its author perhaps none. */
  private static Set<String> fieldNames(@Nullable Object claim) {
    return claim == null ? Set.of() : words("fields", claim);
  }

  private static Set<String> words(String member, @Nullable Object claim) {
    Set<String> words = new LinkedHashSet<>();
    if (claim instanceof List<?> list) {
      for (Object element : list) {
        if (!(element instanceof String word) || !Claims.isIdentifier(word) || !words.add(word)) {
          throw notWords(member);
        }
      }
    }
    if (words.isEmpty()) {
      throw notWords(member);
    }
    return words;
  }

  private static DeniedException notWords(String member) {
    return denied(
        member + " in authorization_details is not an array of at least one text, each once");
  }

  private static void requireFew(int grants) {
    if (grants > MAX_GRANTS) {
      throw denied("the token holds more than " + MAX_GRANTS + " grants; request fewer");
    }
  }

  private static DeniedException denied(String sentence) {
    return new DeniedException(DenyReason.TOKEN_AUTHORIZATION_DETAILS, sentence);
  }
}
