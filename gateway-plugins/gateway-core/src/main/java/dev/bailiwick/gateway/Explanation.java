// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.Operation;
import dev.bailiwick.policy.Attempt;
import java.util.List;
import java.util.Objects;

/** What a request means, before anybody is asked whether it may. */
public sealed interface Explanation {

  /** The request is denied whoever sends it. */
  record Denied(Denial denial) implements Explanation {
    public Denied {
      Objects.requireNonNull(denial, "denial");
    }
  }

  /**
   * The request is understood whole.
   *
   * @param connector the connector's name in the bundle
   * @param method upper-case HTTP method
   * @param path canonical path, the mount point included
   * @param operations everything that the request does upstream; all of it must be permitted
   */
  record Understood(String connector, String method, String path, List<Operation> operations)
      implements Explanation {
    public Understood {
      operations = List.copyOf(operations);
    }

    /** The operations in the words of policy, in their order. */
    public List<Attempt> attempts() {
      return RowSums.added(operations).stream()
          .map(each -> Authorizer.attempt(connector, each))
          .toList();
    }

    /** The scopes that a token must grant, each once, in the order of the operations. */
    public List<String> scopes() {
      return attempts().stream().map(Attempt::scope).distinct().toList();
    }
  }
}
