// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import dev.bailiwick.enforcer.kernel.Endpoint;
import dev.bailiwick.enforcer.kernel.NetworkFilter;
import dev.bailiwick.policy.Bundle;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of one bundle as the kernel's maps have them: each is a number of its own, with its
 * destinations written before anybody gets the number. Guarded by the {@link SandboxKeeper}'s lock.
 */
final class PolicyBook {

  /** Sandboxes with the same rule and the same gateway share a policy. */
  record Key(String sandbox, Optional<URI> gateway) {}

  /** A policy in the maps, and the plan that it is from. */
  record Policy(int number, SandboxPlan plan) {}

  private final Bundle bundle;
  private final HostsFile hosts;
  private final NetworkFilter filter;
  private final Map<Key, Policy> policies = new HashMap<>();
  private int next;

  /** {@code first} is greater than every number that the maps know. */
  PolicyBook(Bundle bundle, HostsFile hosts, NetworkFilter filter, int first) {
    this.bundle = bundle;
    this.hosts = hosts;
    this.filter = filter;
    this.next = first;
  }

  Bundle bundle() {
    return bundle;
  }

  /** The first number that this book has not given out. */
  int next() {
    return next;
  }

  /** Leaves out numbers that another book gave out in vain. */
  void skipTo(int number) {
    next = Math.max(next, number);
  }

  List<Integer> numbers() {
    return policies.values().stream().map(Policy::number).toList();
  }

  /** Whether the bundle still has the rule. */
  boolean knows(Key key) {
    return bundle.sandboxes().containsKey(key.sandbox());
  }

  /** The policy of a sandbox, written into the maps if it is the first with it. */
  Policy policy(Key key) throws SandboxException, IOException {
    Policy known = policies.get(key);
    if (known != null) {
      return known;
    }
    SandboxPlan plan = SandboxPlan.of(bundle, key.sandbox(), key.gateway(), hosts);
    Policy policy = new Policy(next++, plan);
    List<Endpoint> written = new ArrayList<>();
    try {
      for (Endpoint endpoint : plan.endpoints()) {
        written.add(endpoint);
        filter.allow(policy.number(), endpoint);
      }
    } catch (IOException e) {
      for (Endpoint endpoint : written) {
        filter.forbid(policy.number(), endpoint);
      }
      throw new SandboxException(
          "sandboxes."
              + key.sandbox()
              + ".reach does not fit into the kernel's maps any more ("
              + e.getMessage()
              + "); end other sandboxes or name fewer destinations");
    }
    policies.put(key, policy);
    return policy;
  }
}
