// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway;

import dev.bailiwick.audit.AuditLog;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.gateway.ConnectorRoutes.Route;
import dev.bailiwick.gateway.token.AgentToken;
import dev.bailiwick.policy.Bundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one request so far. Filled in by the steps in their order, by one thread at a
 * time; evidence is written from whatever is there.
 */
final class Walk implements Admission.Admitted {
  private final InboundRequest request;
  private final GatewaySnapshot snapshot;
  private final String correlationId;
  private @Nullable RequestTarget target;
  private @Nullable Route route;
  private @Nullable AgentToken token;
  private Bundle.@Nullable AgentRule agent;
  private @Nullable ConnectorRequest connectorRequest;
  private @Nullable LogIn logIn;
  private @Nullable Classification<? extends VendorCall> classification;
  private List<Operation> operations = List.of();
  private AuditLog.@Nullable Place place;

  Walk(InboundRequest request, GatewaySnapshot snapshot, String correlationId) {
    this.request = request;
    this.snapshot = snapshot;
    this.correlationId = correlationId;
  }

  InboundRequest request() {
    return request;
  }

  /** The bundle that this request is decided by, from its first step to its last. */
  GatewaySnapshot snapshot() {
    return snapshot;
  }

  @Override
  public String correlationId() {
    return correlationId;
  }

  Optional<RequestTarget> target() {
    return Optional.ofNullable(target);
  }

  void target(RequestTarget parsed) {
    target = parsed;
  }

  Optional<Route> route() {
    return Optional.ofNullable(route);
  }

  void route(Route found) {
    route = found;
  }

  Optional<AgentToken> token() {
    return Optional.ofNullable(token);
  }

  void token(AgentToken verified) {
    token = verified;
  }

  String agentName() {
    return agent == null ? "(none)" : agent.name();
  }

  void agent(Bundle.AgentRule rule) {
    agent = rule;
  }

  /** The request below the mount point; known once the route is. */
  ConnectorRequest connectorRequest() {
    if (connectorRequest == null) {
      throw new IllegalStateException("the route is not known yet");
    }
    return connectorRequest;
  }

  void connectorRequest(ConnectorRequest below) {
    connectorRequest = below;
  }

  /** The vendor's token endpoint, when the request is a log-in. */
  Optional<LogIn> logIn() {
    return Optional.ofNullable(logIn);
  }

  void logIn(LogIn endpoint) {
    logIn = endpoint;
  }

  /** What the head says; known once the caller is verified. */
  Classification<? extends VendorCall> classification() {
    if (classification == null) {
      throw new IllegalStateException("the request is not classified yet");
    }
    return classification;
  }

  void classification(Classification<? extends VendorCall> found) {
    classification = found;
  }

  List<Operation> operations() {
    return operations;
  }

  void operations(List<Operation> found) {
    operations = List.copyOf(found);
  }

  /** Adds what goes on under a handle that the request uses. */
  void addOperations(List<Operation> more) {
    List<Operation> all = new ArrayList<>(operations);
    all.addAll(more);
    operations = List.copyOf(all);
  }

  /** Whether anything may change upstream. Unknown operations count as a write. */
  boolean writes() {
    for (Operation operation : operations) {
      if (operation.action().writes()) {
        return true;
      }
    }
    return operations.isEmpty();
  }

  /** Room for what is still to be said; known once the request is authorized. */
  Optional<AuditLog.Place> place() {
    return Optional.ofNullable(place);
  }

  void place(AuditLog.Place kept) {
    place = kept;
  }

  @Override
  public String connector() {
    return route().orElseThrow().name();
  }

  @Override
  public boolean needsBody() {
    return logIn != null || classification().bodyUse() == BodyUse.READ;
  }

  @Override
  public boolean streamsBody() {
    return logIn == null && classification().bodyUse() == BodyUse.STREAM;
  }

  @Override
  public int maxBodyBytes() {
    return logIn == null
        ? route().orElseThrow().rule().maxBodyBytes()
        : LogInForm.maxBytes(snapshot.bundle().gateway().limits());
  }
}
