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
import dev.bailiwick.contract.connector.RequestCorpus;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every request of a connector's corpus through a host, beside the core without one: same verdict,
 * same code, same request upstream. So two hosts that pass are the same. The corpus of ServiceNow
 * has to be on the class path.
 */
@Timeout(120)
public abstract class ParityContract {
  private static final String MOUNT = "/servicenow";
  private static final String EVERYTHING = "servicenow:*/*:*";

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

  /** A verdict in a form that can be compared; a credential is not in it. */
  private record Verdict(int status, String text) {}

  /** Starts the host; called once. */
  protected abstract GatewayHost start(GatewayHost.Setup setup) throws Exception;

  /** A class of the package in which the corpus lies. */
  protected abstract Class<?> beside();

  @Test
  void corpusWhenSentThenTheHostDoesWhatTheCoreSays(@TempDir Path directory) throws Exception {
    List<RequestCase> corpus =
        RequestCorpus.load(
                beside(),
                "table.http",
                "target.http",
                "parameters.http",
                "fields.http",
                "encoded-query.http",
                "body.http",
                "families.http",
                "attachment.http",
                "batch.http",
                "import.http",
                "change.http")
            .toList();
    assertThat(corpus).hasSizeGreaterThan(200);
    try (GatewayTestBed bed = new GatewayTestBed(directory)) {
      grantEverything(bed.setup().bundle());
      try (Gateway core = core(bed.setup(), directory.resolve("core-audit"))) {
        bed.runs(start(bed.setup()));
        List<String> differences = new ArrayList<>();
        for (RequestCase request : corpus) {
          difference(bed, core, request).ifPresent(differences::add);
        }
        assertThat(differences).isEmpty();
      }
    }
  }

  private static void grantEverything(Path bundle) throws Exception {
    String text = Files.readString(bundle);
    String narrow =
        """
              - servicenow:table/incident:read
              - scope: servicenow:table/incident:update
                fields: {allow: [work_notes, state]}
        """;
    assertThat(text).contains(narrow);
    Files.writeString(bundle, text.replace(narrow, "      - \"" + EVERYTHING + "\"\n"));
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

  private static Optional<String> difference(
      GatewayTestBed bed, Gateway core, RequestCase request) {
    bed.calm();
    byte[] bytes = bytes(bed, request);
    Verdict expected = decide(core, bytes);
    RawHttp.Response response = bed.send(bytes);
    List<SeenRequest> seen = bed.servicenow().apiRequests();
    Verdict actual =
        response
            .header("x-bailiwick-code")
            .map(code -> new Verdict(response.status(), code))
            .orElseGet(() -> sent(seen, response));
    // A server may turn away what the core denies, and what is no URI (a raw ^ in a query).
    boolean turnedAway =
        actual.text().isEmpty()
            && actual.status() >= 400
            && (expected.status() >= 400 || !isAddress(request.target()));
    return expected.equals(actual) || turnedAway
        ? Optional.empty()
        : Optional.of(
            request.place()
                + ": "
                + request.trap()
                + "\n  core "
                + expected
                + "\n  host "
                + actual);
  }

  /** Empty text when nothing went upstream and the core was not asked either. */
  private static Verdict sent(List<SeenRequest> seen, RawHttp.Response response) {
    if (seen.isEmpty()) {
      return new Verdict(response.status(), "");
    }
    return new Verdict(
        0, seen.stream().map(ParityContract::text).collect(Collectors.joining("\n")));
  }

  private static byte[] bytes(GatewayTestBed bed, RequestCase request) {
    String path = request.target().split("\\?", 2)[0];
    AgentRequest agent =
        bed.request(request.method(), MOUNT + request.target())
            .token(draft -> draft.grant(EVERYTHING))
            .provenFor(request.method(), MOUNT + (isAddress(path) ? path : ""));
    if (!request.headers().has("user-agent")) {
      agent.header("User-Agent: agent/1"); // where there is none, a host may name itself
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

  private static Verdict decide(Gateway core, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    String[] lines = text.substring(0, end).split("\r\n", -1);
    byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
    String[] first = lines[0].split(" ", -1);
    int question = first[1].indexOf('?');
    List<Headers.Field> fields = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      fields.add(
          new Headers.Field(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
    }
    InboundRequest inbound =
        new InboundRequest(
            first[0],
            question < 0 ? first[1] : first[1].substring(0, question),
            question < 0 ? null : first[1].substring(question + 1),
            Headers.of(fields),
            Optional.empty(),
            "127.0.0.1");
    return switch (core.admit(inbound).toCompletableFuture().join()) {
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
            allowed.call().reported(OptionalInt.of(200)).toCompletableFuture().join();
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
