// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.gateway.ConnectorRoutes.Route;
import dev.bailiwick.policy.Bundle;
import dev.bailiwick.policy.Condition;
import dev.bailiwick.policy.PolicyEvaluator;
import dev.bailiwick.policy.PolicyException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says what a request means and what an agent's ceiling says about it, without a token, a
 * credential or an upstream. It takes the limits, route and classify steps of the walk ({@link
 * StandardGatewayPipeline}), so what is explained is what is enforced. Immutable and thread-safe.
 */
public final class RequestExplainer {
  private static final byte[] NO_BODY = {};

  private final Bundle bundle;
  private final ConnectorRoutes routes;

  private RequestExplainer(Bundle bundle, ConnectorRoutes routes) {
    this.bundle = bundle;
    this.routes = routes;
  }

  /**
   * An explainer with every adapter that is on the class path.
   *
   * @throws PolicyException when an adapter is unknown or does not accept its options
   */
  public static RequestExplainer of(Bundle bundle) throws PolicyException {
    return of(bundle, ConnectorRoutes.adapters());
  }

  static RequestExplainer of(Bundle bundle, Map<String, ConnectorAdapter> adapters)
      throws PolicyException {
    return new RequestExplainer(bundle, ConnectorRoutes.of(bundle, adapters));
  }

  /**
   * What a request means.
   *
   * @param body the whole body; empty when there is none
   */
  public Explanation explain(InboundRequest request, byte[] body) {
    try {
      return understand(request, body);
    } catch (MalformedRequestException e) {
      return new Explanation.Denied(Denial.of(e));
    }
  }

  private Explanation understand(InboundRequest request, byte[] body) {
    Bundle.Limits limits = bundle.gateway().limits();
    Optional<Denial> limit = RequestLimits.check(request, limits);
    if (limit.isPresent()) {
      return new Explanation.Denied(limit.get());
    }
    RequestTarget target =
        RequestTarget.parseKeepingLineBreaks(request.rawPath(), request.rawQuery());
    Optional<Route> route = routes.find(target);
    if (route.isEmpty()) {
      return new Explanation.Denied(ConnectorRoutes.notFound());
    }
    ConnectorRequest head = route.get().head(request, target);
    Classification<? extends VendorCall> classification = route.get().connector().classify(head);
    BodyUse use = classification.bodyUse();
    Optional<Denial> unexpected = RequestLimits.unexpectedBody(request, use);
    if (unexpected.isPresent()) {
      return new Explanation.Denied(unexpected.get());
    }
    int longest = route.get().rule().maxBodyBytes();
    if (use == BodyUse.READ && body.length > longest) {
      return new Explanation.Denied(RequestLimits.bodyTooLarge(longest));
    }
    VendorCall call =
        classification.call(use == BodyUse.NONE ? NO_BODY : body, route.get().bodyLimits());
    if (!call.uses().isEmpty()) {
      return new Explanation.Denied(
          new Denial(
              DenyReason.HANDLE_UNKNOWN,
              "what a locator or a job stands for was in the request that began it; only the running"
                  + " gateway knows it. Explain that request"));
    }
    return new Explanation.Understood(
        route.get().name(), request.method(), target.path(), call.operations());
  }

  /**
   * What an agent's ceiling says, one answer for each operation in its order. Of the principal a
   * condition finds the groups and nothing else; of the token a chain of one, and an empty {@code
   * task} and {@code acr}. An expression that fails for want of a claim does not hold.
   *
   * @param agent the agent's name in the bundle
   * @param groups the groups of the principal
   */
  public List<PolicyEvaluator.Answer> ceiling(
      Explanation.Understood request, String agent, List<String> groups) {
    PolicyEvaluator evaluator = new PolicyEvaluator(bundle);
    return RowSums.added(request.operations()).stream()
        .map(
            operation ->
                evaluator.evaluate(
                    agent,
                    Authorizer.attempt(request.connector(), operation),
                    new Condition.Input(
                        Map.of("groups", groups),
                        Map.of("task", "", "depth", 1L, "acr", ""),
                        Authorizer.about(operation),
                        Map.of("method", request.method(), "path", request.path()))))
        .toList();
  }

  /**
   * The denial that answers of {@link #ceiling} become: that of the first operation which is not
   * permitted. Empty when all of them are.
   */
  public static Optional<Denial> denial(
      Explanation.Understood request, List<PolicyEvaluator.Answer> answers) {
    for (int i = 0; i < answers.size(); i++) {
      PolicyEvaluator.Answer answer = answers.get(i);
      Optional<DenyReason> reason = reason(answer.outcome());
      if (reason.isPresent()) {
        Operation operation = request.operations().get(i);
        String scope = operation.scope(request.connector());
        return Optional.of(
            Authorizer.at(operation, new Denial(reason.get(), answer.sentence(), scope)));
      }
    }
    return Optional.empty();
  }

  private static Optional<DenyReason> reason(PolicyEvaluator.Outcome outcome) {
    return switch (outcome) {
      case PERMITTED -> Optional.empty();
      case UNKNOWN_AGENT -> Optional.of(DenyReason.AGENT_UNKNOWN);
      case NO_SCOPE -> Optional.of(DenyReason.SCOPE_ABOVE_CEILING);
      case FIELD_DENIED -> Optional.of(DenyReason.FIELD_NOT_GRANTED);
      case ROWS_DENIED -> Optional.of(DenyReason.ROWS_NOT_GRANTED);
      case CONDITION_NOT_MET -> Optional.of(DenyReason.CONDITION_NOT_MET);
    };
  }
}
