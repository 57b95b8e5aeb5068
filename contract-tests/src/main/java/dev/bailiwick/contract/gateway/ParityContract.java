// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.audit.AuditOptions;
import dev.bailiwick.audit.FileAuditLog;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.contract.connector.RequestCase;
import dev.bailiwick.gateway.Admission;
import dev.bailiwick.gateway.Decision;
import dev.bailiwick.gateway.Gateway;
import dev.bailiwick.gateway.GatewayResponse;
import dev.bailiwick.gateway.InboundRequest;
import dev.bailiwick.gateway.credential.BreakerSettings;
import dev.bailiwick.gateway.credential.BreakerUpstreamGuard;
import dev.bailiwick.gateway.credential.BrokerSettings;
import dev.bailiwick.gateway.credential.FileVault;
import dev.bailiwick.gateway.credential.StoredCredentialBroker;
import dev.bailiwick.gateway.credential.VaultKey;
import dev.bailiwick.gateway.token.InMemoryRevocations;
import dev.bailiwick.simulator.SeenRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every request of every connector's corpus through a host, beside the core without one: same
 * verdict, same code, same request upstream. So two hosts that pass are the same, but for the
 * {@link Difference}s that they name. The corpora have to be on the class path, and so have the
 * connectors.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ParityContract {
  /** What every host makes anew, or adds about itself. */
  private static final Set<String> OF_THE_HOP =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "expect",
          "x-real-ip",
          "x-forwarded-for");

  private static final String NO_CODE = "";

  private static final String BODY = "BODY_MALFORMED";

  /** A request of this contract's own: not in a corpus, since connectors do not count lines. */
  protected static final String HUNDRED_LINES = "Send a hundred header lines";

  /** A verdict in a form that can be compared; a credential is not in it. */
  private record Verdict(int status, String text) {}

  /** A target that is no URI, where a server takes URIs only. */
  private static final Verdict NOT_A_URI = new Verdict(400, NO_CODE);

  /** A body where none belongs, over HTTP/2: its head looks as it should, so nginx denies it. */
  private static final Verdict DENIED_BY_NGINX = new Verdict(400, NO_CODE);

  /**
   * A request for which a host is known to answer otherwise than the core, though it never lets
   * through what the core denies.
   *
   * @param vendor whose corpus it stands in
   * @param trap its title there, however it is sent, or with the note of one way to send it
   * @param code of the answer; empty when the host's server answers before anybody is asked
   * @param reason why that cannot be the same
   */
  protected record Difference(String vendor, String trap, int status, String code, String reason) {}

  /** What nginx does before a runner is asked, and what APISIX does not show it. */
  protected static final List<Difference> OF_APISIX =
      List.of(
          new Difference(
              "servicenow",
              HUNDRED_LINES,
              431,
              "HEADER_TOO_LARGE",
              "APISIX shows a runner a hundred lines and sends the rest unseen"),
          new Difference(
              "servicenow", "Use an unknown method", 405, "", "nginx denies TRACE by itself"),
          new Difference(
              "servicenow",
              "Put a null byte behind the table",
              400,
              "",
              "nginx denies a null byte in a path by itself"));

  private enum Framing {
    LENGTH(""),
    CHUNKS(" (in chunks)"),
    /** No header says that there is a body, or how long it is. */
    HTTP_2(" (over HTTP/2)");

    private final String note;

    Framing(String note) {
      this.note = note;
    }

    /** The same request, framed like this: the core and the host see one token and one proof. */
    byte[] frame(byte[] request) {
      String text = new String(request, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      String head = text.substring(0, end);
      String body = text.substring(end + 4);
      if (this == HTTP_2) {
        head = head.replaceFirst(" HTTP/1\\.1\r\n", " HTTP/2.0\r\n");
      }
      if (this != LENGTH && !body.isEmpty()) {
        head = head.replaceFirst("\r\nContent-Length: [0-9]+", "\r\nTransfer-Encoding: chunked");
        body = chunk(body.substring(0, 1)) + chunk(body.substring(1)) + "0\r\n\r\n";
      }
      return (head + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String chunk(String bytes) {
      return bytes.isEmpty() ? "" : Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n";
    }
  }

  /** One way to send a request of the corpus. */
  private record Sending(RequestCase request, Framing framing) {
    String name() {
      return request.trap() + framing.note;
    }
  }

  private ParityBed all;
  private GatewayTestBed bed;
  private Gateway core;

  /** Starts the host; called once. */
  protected abstract GatewayHost start(GatewayHost.Setup setup) throws Exception;

  /** What this host does otherwise; each of them must occur. */
  protected List<Difference> differences() {
    return List.of();
  }

  /** Whether the host's server denies what is no URI, such as a raw ^ in a query. */
  protected boolean takesUrisOnly() {
    return false;
  }

  /** Whether the host's server speaks HTTP/2, written out as {@code ApisixFront} reads it. */
  protected boolean speaksHttp2() {
    return false;
  }

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    all = new ParityBed(directory);
    bed = all.bed();
    core = core(bed.setup(), directory.resolve("core-audit"));
    bed.runs(start(bed.setup()));
  }

  @AfterAll
  void stop() {
    core.close();
    all.close();
  }

  @ParameterizedTest
  @CsvSource({"servicenow,300", "salesforce,340", "workday,130"})
  void corpusWhenSentThenTheHostDoesWhatTheCoreSays(String name, int atLeast) {
    ParityBed.Vendor vendor = all.vendor(name);
    List<RequestCase> corpus = new ArrayList<>(vendor.corpus());
    if (name.equals("servicenow")) {
      corpus.add(ofManyLines());
    }
    assertThat(corpus).hasSizeGreaterThan(atLeast);
    Map<String, Difference> known =
        differences().stream()
            .filter(difference -> difference.vendor().equals(name))
            .collect(Collectors.toMap(Difference::trap, Function.identity()));
    Set<String> met = new HashSet<>();
    List<String> wrong = new ArrayList<>();

    for (Sending sending : corpus.stream().flatMap(this::sendings).toList()) {
      byte[] bytes = bytes(vendor, sending.request());
      Verdict expected = expected(sending, bytes);
      Verdict actual = send(vendor, sending.framing().frame(bytes));
      Difference difference =
          known.getOrDefault(sending.name(), known.get(sending.request().trap()));
      if (difference != null) {
        met.add(difference.trap());
        expected = new Verdict(difference.status(), difference.code());
      }
      if (!expected.equals(actual)) {
        wrong.add(
            sending.request().place()
                + ": "
                + sending.name()
                + "\n  core "
                + expected
                + "\n  host "
                + actual);
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(met).as("differences that occur").isEqualTo(known.keySet());
  }

  private static RequestCase ofManyLines() {
    Headers lines = Headers.none();
    for (int i = 0; i < 100; i++) {
      lines = lines.with("x-line-" + i, "1");
    }
    return new RequestCase(
        "beside the corpus",
        HUNDRED_LINES,
        "no limit of the core's",
        "GET",
        "/api/now/table/incident",
        lines,
        "",
        new RequestCase.Expected.Needs(List.of()));
  }

  private Stream<Sending> sendings(RequestCase request) {
    return Stream.of(Framing.values())
        .filter(framing -> framing != Framing.CHUNKS || !request.body().isEmpty())
        .filter(framing -> framing != Framing.HTTP_2 || mattersOverHttp2(request))
        .map(framing -> new Sending(request, framing));
  }

  /** Reads without a body are looked at by {@code AnnouncedBodyContract}: they are all alike. */
  private boolean mattersOverHttp2(RequestCase request) {
    return speaksHttp2() && !(request.method().equals("GET") && request.body().isEmpty());
  }

  private Verdict expected(Sending sending, byte[] bytes) {
    if (takesUrisOnly() && !isAddress(sending.request().target())) {
      return NOT_A_URI;
    }
    InboundRequest inbound = inbound(bytes);
    Admission admission = core.admit(inbound).toCompletableFuture().join();
    Verdict verdict = decide(admission, bytes);
    boolean byItsHead = admission instanceof Admission.Denied;
    assertThat(verdict.text())
        .as("%s: a verdict on the request itself", sending.request().place())
        .doesNotStartWith("CREDENTIAL_")
        .doesNotStartWith("UPSTREAM_")
        .doesNotStartWith("CALLS_");
    return sending.framing() == Framing.HTTP_2
            && byItsHead
            && verdict.text().equals(BODY)
            && !sending.request().body().isEmpty()
        ? DENIED_BY_NGINX
        : verdict;
  }

  private static Gateway core(GatewayHost.Setup setup, Path audit) throws Exception {
    Clock clock = Clock.systemUTC();
    FileVault vault = FileVault.open(setup.vault(), VaultKey.ofFile(setup.vaultKey()), clock);
    return Gateway.open(
        new Gateway.Parts(
            setup.bundle(),
            StoredCredentialBroker.create(vault, BrokerSettings.defaults(), clock),
            BreakerUpstreamGuard.create(BreakerSettings.upstream(), clock),
            FileAuditLog.open(AuditOptions.of(audit, "core", clock)),
            new InMemoryRevocations(),
            clock));
  }

  private Verdict send(ParityBed.Vendor vendor, byte[] bytes) {
    vendor.upstream().forgetRequests();
    RawHttp.Response response = bed.send(bytes);
    List<SeenRequest> seen = vendor.upstream().apiRequests();
    return response
        .header("x-bailiwick-code")
        .map(code -> new Verdict(response.status(), code))
        .orElseGet(() -> sent(seen, response));
  }

  /** No code when nothing went upstream and the core was not asked either. */
  private static Verdict sent(List<SeenRequest> seen, RawHttp.Response response) {
    if (seen.isEmpty()) {
      return new Verdict(response.status(), NO_CODE);
    }
    return new Verdict(
        0, seen.stream().map(ParityContract::text).collect(Collectors.joining("\n")));
  }

  private byte[] bytes(ParityBed.Vendor vendor, RequestCase request) {
    String path = request.target().split("\\?", 2)[0];
    AgentRequest agent =
        bed.request(request.method(), vendor.mount() + request.target())
            // Of a task of its own, so that no host knows jobs of the requests before.
            .token(draft -> draft.grant(vendor.everything()))
            .provenFor(request.method(), vendor.mount() + (isAddress(path) ? path : ""));
    // Where there are none, a host may say by itself who it is and what it takes.
    if (!request.headers().has("user-agent")) {
      agent.header("User-Agent: agent/1");
    }
    if (!request.headers().has("accept")) {
      agent.header("Accept: */*");
    }
    request.headers().forEach((name, value) -> agent.header(name + ": " + value));
    if (!request.body().isEmpty()) {
      agent.body(request.body().getBytes(StandardCharsets.UTF_8));
    }
    return agent.bytes();
  }

  private static boolean isAddress(String path) {
    try {
      return URI.create("https://gateway.example" + path).getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static InboundRequest inbound(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    String[] lines = text.substring(0, end).split("\r\n", -1);
    String[] first = lines[0].split(" ", -1);
    int question = first[1].indexOf('?');
    List<Headers.Field> fields = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      fields.add(
          new Headers.Field(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
    }
    return new InboundRequest(
        first[0],
        question < 0 ? first[1] : first[1].substring(0, question),
        question < 0 ? null : first[1].substring(question + 1),
        Headers.of(fields),
        Optional.empty(),
        "127.0.0.1");
  }

  private Verdict decide(Admission admission, byte[] bytes) {
    int end = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
    byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
    return switch (admission) {
      case Admission.Denied denied -> verdict(denied.response());
      case Admission.Admitted admitted -> {
        if (admitted.needsBody() && body.length > admitted.maxBodyBytes()) {
          yield verdict(core.bodyTooLarge(admitted).toCompletableFuture().join());
        }
        byte[] read = admitted.needsBody() ? body : new byte[0];
        yield switch (core.decide(admitted, read).toCompletableFuture().join()) {
          case Decision.Deny denied -> verdict(denied.response());
          case Decision.Answer answered -> verdict(answered.response());
          case Decision.Allow allowed -> {
            var unused = allowed.call().reported(OptionalInt.of(200));
            yield new Verdict(0, text(allowed.call().request(), body));
          }
        };
      }
    };
  }

  private static Verdict verdict(GatewayResponse response) {
    return new Verdict(
        response.status(), response.headers().first("x-bailiwick-code").orElse("granted"));
  }

  private static String text(OutboundRequest request, byte[] body) {
    return text(request.method(), request.target(), request.headers(), request.body().orElse(body));
  }

  private static String text(SeenRequest request) {
    int question = request.target().indexOf('?');
    RequestTarget target =
        RequestTarget.parseKeepingLineBreaks(
            request.path(), question < 0 ? null : request.target().substring(question + 1));
    return text(request.method(), target, request.headers(), request.body());
  }

  /** Parameters of different names have no order in APISIX; the credential's value is a secret. */
  private static String text(String method, RequestTarget target, Headers headers, byte[] body) {
    String parameters =
        target.parameters().stream()
            .map(parameter -> parameter.name() + "=" + parameter.value())
            .sorted()
            .collect(Collectors.joining("&"));
    String lines =
        headers.fields().stream()
            .filter(field -> !OF_THE_HOP.contains(field.name()))
            .map(ParityContract::line)
            .sorted()
            .collect(Collectors.joining("; "));
    return method
        + " "
        + target.path()
        + "?"
        + parameters
        + " ["
        + lines
        + "] "
        + new String(body, StandardCharsets.UTF_8);
  }

  private static String line(Headers.Field field) {
    return switch (field.name()) {
      case "authorization" -> "authorization: " + field.value().split(" ", 2)[0];
      // The simulator's server writes charsets in its own way.
      case "content-type" -> "content-type: " + field.value().toLowerCase(Locale.ROOT);
      default -> field.name() + ": " + field.value();
    };
  }
}
