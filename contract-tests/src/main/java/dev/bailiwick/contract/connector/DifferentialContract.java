// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyRewriter;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.VendorCall;
import dev.bailiwick.simulator.Simulator;
import dev.bailiwick.simulator.Touch;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a connector says that a request does, held against what a simulator then really does.
 *
 * <p>Requests are made at random from a fixed seed, understood by the connector, sent as it would
 * send them, and carried out. The simulator notes every object, action and field that it touched,
 * however they were addressed. A touch that no operation names is a request whose classification
 * missed something: an agent could have done it without a grant.
 *
 * <p>A request that uses a handle is held to what was noted for the handle when it was handed out,
 * as the gateway notes it; one that uses an unknown handle is denied.
 */
public abstract class DifferentialContract {
  private static final long SEED = 20261124;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<Touch, String> missed = new LinkedHashMap<>();
  private final Map<String, List<Operation>> noted = new HashMap<>();
  private final List<Handle> handedOut = new ArrayList<>();
  private int handlesUsed;

  /** A simulator that listens. */
  protected abstract Simulator simulator();

  /** The connector, with the simulator's origin as its upstream. */
  protected abstract Connector connector();

  /** What lets the connector's requests into the simulator. */
  protected abstract Credential credential();

  /** A request that may do anything that the vendor's API offers. */
  protected abstract Generated generate(Random random);

  /** The requests whose meaning is settled, to be carried out too. */
  protected abstract Stream<RequestCase> corpus();

  /**
   * Whether an operation speaks of an object that was touched, whatever was done to it; {@link
   * #names} compares action and field.
   */
  protected abstract boolean speaksOf(Operation operation, Touch touch);

  /** Whether an operation names what was touched: object, action and field. */
  protected boolean names(Operation operation, Touch touch) {
    return speaksOf(operation, touch) && covers(operation, touch);
  }

  /** Handles that answers of this run held, oldest first: for requests that use them. */
  protected final List<Handle> handedOut() {
    return Collections.unmodifiableList(handedOut);
  }

  /** At least how many requests of a run use a handle; 0 for a vendor that hands none out. */
  protected int leastHandlesUsed() {
    return 0;
  }

  /** How many requests are made. */
  protected int runs() {
    return 2_000;
  }

  /**
   * A request as an agent could send it.
   *
   * @param target path and query as they stand on the request line
   */
  public record Generated(String method, String target, String contentType, String body) {
    public static Generated get(String target) {
      return new Generated("GET", target, "", "");
    }

    public static Generated json(String method, String target, String body) {
      return new Generated(method, target, "application/json", body);
    }
  }

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Test
  void touchesWhenARequestIsCarriedOutThenItsOperationsNameThemAll() throws Exception {
    Random random = new Random(SEED);
    Set<String> touched = new TreeSet<>();
    int carriedOut = 0;
    int denied = 0;
    for (int i = 0; i < runs(); i++) {
      Generated request = generate(random);
      if (carryOut(request, touched)) {
        carriedOut++;
      } else {
        denied++;
      }
    }

    assertThat(missed.values()).as("touches that no operation names").isEmpty();
    assertThat(carriedOut).as("requests that were carried out").isGreaterThan(runs() / 3);
    assertThat(denied).as("requests that were denied").isGreaterThan(runs() / 50);
    assertThat(touched).as("objects that were touched").hasSizeGreaterThan(5);
    assertThat(handlesUsed)
        .as("requests that used a handle")
        .isGreaterThanOrEqualTo(leastHandlesUsed());
  }

  @Test
  void touchesWhenTheCorpusIsCarriedOutThenItsOperationsNameThemAll() throws Exception {
    int carriedOut = 0;
    for (RequestCase request : corpus().toList()) {
      Generated sent =
          new Generated(
              request.method(),
              request.target(),
              request.headers().first("content-type").orElse(""),
              request.body());
      carriedOut += carryOut(sent, new TreeSet<>()) ? 1 : 0;
    }

    assertThat(missed.values()).as("touches that no operation names").isEmpty();
    assertThat(carriedOut).isPositive();
  }

  /** Whether the request was understood, and so carried out. */
  private boolean carryOut(Generated request, Set<String> touched) throws Exception {
    VendorCall call;
    OutboundRequest sent;
    ConnectorRequest whole;
    try {
      whole = request(request);
      call = connector().call(whole);
      sent = call.outbound(credential());
    } catch (MalformedRequestException e) {
      return false;
    }
    List<Operation> operations = new ArrayList<>(call.operations());
    for (Handle handle : call.uses()) {
      List<Operation> begun = noted.get(name(handle));
      if (begun == null) {
        return false;
      }
      operations.addAll(begun);
    }
    handlesUsed += call.uses().isEmpty() ? 0 : 1;
    Simulator simulator = simulator();
    simulator.forgetTouches();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(simulator.origin() + sent.target().pathAndQuery()))
            .method(
                sent.method(),
                HttpRequest.BodyPublishers.ofByteArray(sent.body().orElse(whole.body())));
    sent.headers().forEach(builder::header);
    HttpResponse<byte[]> answer = client.send(builder.build(), BodyHandlers.ofByteArray());

    assertThat(answer.statusCode()).as("%s is let in", request).isNotEqualTo(401);
    note(call, call.uses().isEmpty() ? call.handedOn() : operations, answer);
    for (Touch touch : simulator.touches()) {
      touched.add(touch.family() + "/" + touch.object() + ":" + touch.action().word());
      if (operations.stream().noneMatch(operation -> names(operation, touch))) {
        missed.putIfAbsent(touch, touch + " by " + request + " of " + operations);
      }
    }
    simulator.forgetRequests();
    return true;
  }

  /** Notes the handles of an answer, as the gateway does before an agent gets it. */
  private void note(VendorCall call, List<Operation> handedOn, HttpResponse<byte[]> answer) {
    List<Headers.Field> fields = new ArrayList<>();
    answer
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(v -> fields.add(new Headers.Field(name, v))));
    Headers headers = Headers.of(fields);
    Inbound inbound = call.inbound(answer.statusCode(), headers);
    if (inbound instanceof Inbound.Inspect) {
      inbound = call.inspect(answer.statusCode(), headers, answer.body());
    }
    if (!(inbound instanceof Inbound.Relay relay) || relay.rewriter().isEmpty()) {
      return;
    }
    BodyRewriter rewriter = relay.rewriter().get().get();
    byte[] unused = rewriter.rewrite(answer.body());
    for (Handle handle : rewriter.handles()) {
      if (noted.put(name(handle), handedOn) == null) {
        handedOut.add(handle);
      }
    }
  }

  private static String name(Handle handle) {
    return handle.kind() + " " + handle.id();
  }

  private static ConnectorRequest request(Generated request) {
    int query = request.target().indexOf('?');
    RequestTarget target =
        RequestTarget.parse(
            query < 0 ? request.target() : request.target().substring(0, query),
            query < 0 ? null : request.target().substring(query + 1));
    Headers headers =
        request.contentType().isEmpty()
            ? Headers.none()
            : Headers.none().with("Content-Type", request.contentType());
    return ConnectorRequest.head(request.method(), target, headers)
        .withBody(request.body().getBytes(StandardCharsets.UTF_8));
  }

  /** Fields that only say which row is meant, and which every answer about it shows. */
  protected Set<String> keys() {
    return Set.of();
  }

  /**
   * A filter discloses what it compares with, so it names a read, whatever the action is. The
   * answer to a write may show what was written.
   */
  private boolean covers(Operation operation, Touch touch) {
    FieldUse fields = operation.fields();
    boolean reads = touch.action() == Action.READ;
    if (reads && (keys().contains(touch.field()) || holds(fields.written(), touch.field()))) {
      return true;
    }
    if (operation.action() != touch.action()) {
      return reads
          && (touch.field().isEmpty()
              ? !fields.filtered().isEmpty()
              : holds(fields.filtered(), touch.field()));
    }
    return touch.field().isEmpty()
        || fields.readsAll()
        || holds(reads ? fields.read() : fields.written(), touch.field())
        || holds(fields.filtered(), touch.field());
  }

  private static boolean holds(Set<String> names, String field) {
    String wanted = field.toLowerCase(Locale.ROOT);
    return names.stream().anyMatch(name -> name.toLowerCase(Locale.ROOT).equals(wanted));
  }
}
