// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.AgentHeaders;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.LogIn;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MountPoint;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Usage;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.connector.VendorError;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import dev.bailiwick.connector.salesforce.SalesforceOptions.ApexRestPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One Salesforce org. Immutable and thread-safe. */
final class SalesforceConnector implements Connector {
  private static final JsonValue NOTHING = new JsonNull();

  /** Clients send the token in its query, so no other check comes first. */
  private static final List<String> LOG_OUT = List.of("services", "oauth2", "revoke");

  private final SalesforceOptions options;
  private final DataApi data;
  private final Answers answers;
  private final TokenPage tokenPage;
  private final MountPoint mount;

  SalesforceConnector(ConnectorSettings settings, SalesforceOptions options) {
    this.options = options;
    this.data = new DataApi(options);
    this.answers = new Answers(settings, options.limitPause());
    this.tokenPage = new TokenPage(settings);
    this.mount = MountPoint.of(settings, Set.of("services"));
  }

  @Override
  public Classification<VendorCall> classify(ConnectorRequest head) {
    AgentHeaders.denyOverrides(head.headers());
    PartHeaders.require(head.headers());
    RequestTarget target = mount.once(head.target());
    Resource resource = resource(head.method(), target);
    return switch (resource.body()) {
      case NONE -> Classification.withoutBody(call(head, target, resource, NOTHING));
      case STREAM -> Classification.streaming(call(head, target, resource, NOTHING));
      case READ ->
          Classification.readingJson(head.headers(), body -> call(head, target, resource, body));
    };
  }

  private VendorCall call(
      ConnectorRequest head, RequestTarget target, Resource resource, JsonValue body) {
    return new SalesforceCall(
        new ConnectorRequest(head.method(), target, head.headers(), head.body()),
        distinct(resource.reader().apply(body)),
        resource.answer(),
        answers);
  }

  private static Reading distinct(Reading reading) {
    return new Reading(
        distinct(reading.operations()), distinct(reading.handedOn()), reading.uses());
  }

  /**
   * Two hundred records of one kind are one operation, noted where it stands first. The rows that
   * they show add up.
   */
  private static List<Operation> distinct(List<Operation> operations) {
    record What(String family, String object, Action action, FieldUse fields) {}
    Map<What, Operation> merged = new LinkedHashMap<>();
    for (Operation o : operations) {
      merged.merge(
          new What(o.family(), o.object(), o.action(), o.fields()),
          o,
          (first, next) -> first.withRows(first.rows().plus(next.rows())));
    }
    return List.copyOf(merged.values());
  }

  private Resource resource(String method, RequestTarget target) {
    List<String> segments = target.segments();
    if (segments.size() < 2 || !segments.getFirst().equals("services")) {
      throw MalformedRequestException.unknown("only paths below /services are known");
    }
    return switch (segments.get(1).toLowerCase(Locale.ROOT)) {
      case "data" -> data.resource(method, target);
      case "apexrest" -> apexRest(segments.subList(2, segments.size()));
      case "oauth2" ->
          throw MalformedRequestException.forbidden(
              "the gateway holds the credential and forwards no log-in; it answers POST"
                  + " /services/oauth2/token itself, with the agent's own token");
      case "soap" ->
          throw MalformedRequestException.forbidden(
              "the SOAP APIs are never allowed: use the REST API");
      case "async" ->
          throw MalformedRequestException.forbidden(
              "Bulk API 1.0 is never allowed: use /services/data");
      default ->
          throw MalformedRequestException.unknown(
              "this path below /services is not known to this connector");
    };
  }

  /** Custom code: what it does is written nowhere, so only paths that the bundle names. */
  private Resource apexRest(List<String> path) {
    ApexRestPath known =
        options
            .apexRest(path)
            .orElseThrow(
                () ->
                    MalformedRequestException.forbidden(
                        "custom code below /services/apexrest can do anything: add the path to the"
                            + " connector's option "
                            + SalesforceOptions.APEX_REST_PATHS));
    Operation operation =
        Operation.of(Footprint.APEX_REST, known.object(), Action.EXECUTE, FieldUse.none());
    return new Resource(BodyUse.STREAM, body -> Reading.of(List.of(operation)), Answer.OPAQUE);
  }

  @Override
  public Set<String> mayBreakLines(RequestTarget target) {
    return DataApi.mayBreakLines(mount.once(target));
  }

  @Override
  public Optional<LogIn> logIn(ConnectorRequest head) {
    RequestTarget target = mount.once(head.target());
    if (target.segments().equals(LOG_OUT)) {
      throw MalformedRequestException.forbidden(
          "the gateway revokes nothing at the vendor, where the session is shared; the agent's own"
              + " token ends when it expires");
    }
    return TokenPage.is(target) ? Optional.of(tokenPage) : Optional.empty();
  }

  @Override
  public List<Usage> usage(Headers answer) {
    return LimitInfo.of(answer);
  }

  @Override
  public VendorError error(int status, String code, String sentence) {
    return Answers.error(code, sentence);
  }
}
