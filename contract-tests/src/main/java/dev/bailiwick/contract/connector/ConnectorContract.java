// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.Connector;
import dev.bailiwick.connector.ConnectorAdapter;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.ConnectorSettings;
import dev.bailiwick.connector.Credential;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.Inbound;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.OutboundRequest;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.Secret;
import dev.bailiwick.connector.VendorError;
import dev.bailiwick.policy.Scope;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * What every connector must keep to, whatever its vendor. Extend it in the connector's tests, name
 * the adapter and two plain requests, and everything below is asserted.
 */
public abstract class ConnectorContract {
  private static final String AGENT_SECRET = "agent-secret-0f3c";
  private static final String STORED_SECRET = "stored-secret-9b1d";

  /** The adapter under test. */
  protected abstract ConnectorAdapter adapter();

  /** A plain read that the connector understands. */
  protected abstract ConnectorRequest readRequest();

  /** A plain write with a body that the connector understands and has to read. */
  protected abstract ConnectorRequest writeRequest();

  /** Options of the bundle entry. */
  protected Map<String, String> options() {
    return Map.of();
  }

  /** Headers that carry a credential at this vendor, beside the usual ones. */
  protected Set<String> vendorCredentialHeaders() {
    return Set.of();
  }

  /** Query parameters that carry a credential at this vendor. */
  protected Set<String> vendorCredentialParameters() {
    return Set.of();
  }

  /** Every kind of credential that the connector applies. */
  protected List<Credential> credentials() {
    Secret secret = Secret.of(STORED_SECRET);
    return List.of(new Credential.BearerToken(secret), new Credential.BasicPair("user", secret));
  }

  /** How the answer to {@link #readRequest} looks when all is well. */
  protected Headers answerHeaders() {
    return Headers.none().with("Content-Type", "application/json");
  }

  /** The bundle entry: an instance at {@code https://upstream.example} mounted at {@code /saas}. */
  protected final ConnectorSettings settings() {
    return settings(options());
  }

  private ConnectorSettings settings(Map<String, String> options) {
    return new ConnectorSettings(
        adapter().name(),
        URI.create("https://upstream.example"),
        URI.create("https://gateway.example/saas"),
        options);
  }

  /** A connector for {@link #settings}. */
  protected final Connector connector() {
    return adapter().connect(settings());
  }

  /** How a bundle finds and configures the connector. */
  @Nested
  class Adapter {
    @Test
    void serviceLoaderWhenAskedThenFindsTheAdapterByName() {
      List<String> names =
          ServiceLoader.load(ConnectorAdapter.class).stream()
              .map(provider -> provider.get().name())
              .toList();

      assertThat(names).contains(adapter().name());
    }

    @Test
    void nameWhenUsedInAScopeThenIsOneWord() {
      assertThat(Scope.tryParse(adapter().name() + ":family/object:read")).isPresent();
    }

    @Test
    void connectWhenAnOptionIsUnknownThenNamesIt() {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> adapter().connect(settings(Map.of("noSuchOption", "x"))))
          .withMessageContaining("noSuchOption");
    }
  }

  /** What a request means. */
  @Nested
  class Operations {
    @Test
    void operationsWhenRequestIsPlainThenEveryScopeIsWellFormed() {
      for (ConnectorRequest request : List.of(readRequest(), writeRequest())) {
        List<Operation> operations = connector().call(request).operations();

        assertThat(operations).isNotEmpty();
        for (Operation operation : operations) {
          Scope scope = Scope.parse(operation.scope(adapter().name()));
          assertThat(scope.family()).isEqualTo(operation.family());
          assertThat(scope.object()).isEqualTo(operation.object());
          assertThat(scope.action()).isEqualTo(operation.action().word());
        }
      }
    }

    @Test
    void operationsWhenAskedTwiceThenSaysTheSame() {
      Connector connector = connector();

      assertThat(connector.call(writeRequest()).operations())
          .isEqualTo(connector.call(writeRequest()).operations());
    }

    @Test
    void operationsWhenRequestReadsOrWritesThenSaysSo() {
      assertThat(connector().call(readRequest()).operations())
          .noneMatch(operation -> operation.action().writes());
      assertThat(connector().call(writeRequest()).operations())
          .anyMatch(operation -> operation.action().writes());
    }

    @Test
    void classifyWhenOnlyTheHeadIsThereThenSaysWhetherTheBodyIsNeeded() {
      ConnectorRequest write = writeRequest();
      ConnectorRequest head =
          ConnectorRequest.head(write.method(), write.target(), write.headers());

      assertThat(connector().classify(head).bodyUse()).isEqualTo(BodyUse.READ);
      assertThat(connector().classify(head).call(write.body()).operations())
          .isEqualTo(connector().call(write).operations());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/no/such/api", "/admin", "/.well-known/openid-configuration"})
    void operationsWhenPathIsUnknownThenDenies(String path) {
      assertDenied(ConnectorRequest.head("GET", RequestTarget.parse(path, null), Headers.none()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"BREW", "TRACE", "CONNECT", "PROPFIND"})
    void operationsWhenMethodIsUnknownThenDenies(String method) {
      ConnectorRequest read = readRequest();

      assertDenied(new ConnectorRequest(method, read.target(), read.headers(), read.body()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    void operationsWhenAHeaderWouldChangeTheMethodThenForbidden(String name) {
      MalformedRequestException denial = assertDenied(with(readRequest(), name, "DELETE"));

      assertThat(denial.kind()).isEqualTo(Kind.FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "{",
          "[",
          "null",
          "1",
          "<a/>",
          "{\"a\":1,\"a\":2}",
          "{} {}",
          "\u0000",
          "{\"a\":}"
        })
    void operationsWhenBodyIsMalformedThenDeniesAndDoesNotFail(String body) {
      assertDenied(writeRequest().withBody(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void operationsWhenBodyIsNotUtf8ThenDeniesAndDoesNotFail() {
      assertDenied(writeRequest().withBody(new byte[] {'"', (byte) 0xC0, (byte) 0xAF, '"'}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br"})
    void operationsWhenBodyIsCompressedThenMediaType(String coding) {
      MalformedRequestException denial =
          assertDenied(with(writeRequest(), "Content-Encoding", coding));

      assertThat(denial.kind()).isEqualTo(Kind.MEDIA_TYPE);
    }

    @Test
    void operationsWhenBodyIsOfAnotherMediaTypeThenMediaType() {
      MalformedRequestException denial =
          assertDenied(with(writeRequest(), "Content-Type", "application/octet-stream"));

      assertThat(denial.kind()).isEqualTo(Kind.MEDIA_TYPE);
    }

    /** Whatever arrives: operations, or a denial with a sentence; never another exception. */
    @Test
    void operationsWhenTargetIsRandomThenAnswersOrDenies() {
      Random random = new Random(20261123);
      List<String> pieces = new ArrayList<>(readRequest().target().segments());
      pieces.addAll(writeRequest().target().segments());
      pieces.addAll(List.of("", "..", "x", "%20", "*", ":", ",", "a.do", "v1", "é", "%00", "0"));
      String query = readRequest().target().query().orElse("a=b");
      List<String> queries = List.of("", query, query + "&" + query, "=", "a=%0a", "x=1&x=2", "é");
      List<String> methods = List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD");

      for (int i = 0; i < 5_000; i++) {
        StringBuilder path = new StringBuilder();
        int length = random.nextInt(8);
        for (int s = 0; s < length; s++) {
          path.append('/').append(pieces.get(random.nextInt(pieces.size())));
        }
        Answer answer =
            ask(
                methods.get(random.nextInt(methods.size())),
                path.toString(),
                queries.get(random.nextInt(queries.size())));

        assertThat(answer.operations().isEmpty())
            .as("%s denied: %s", path, answer.denial())
            .isEqualTo(answer.denial() != null);
      }
    }

    private record Answer(List<Operation> operations, @Nullable String denial) {}

    private Answer ask(String method, String path, String query) {
      try {
        ConnectorRequest request =
            ConnectorRequest.head(method, RequestTarget.parse(path, query), Headers.none());
        return new Answer(connector().call(request).operations(), null);
      } catch (MalformedRequestException denied) {
        assertThat(denied.sentence()).isNotBlank();
        return new Answer(List.of(), denied.sentence());
      }
    }
  }

  /** What is sent upstream. */
  @Nested
  class Outbound {
    @Test
    void outboundWhenAgentSendsCredentialsThenNoneSurvives() {
      Set<String> names = new TreeSet<>(vendorCredentialHeaders());
      names.addAll(
          List.of(
              "Authorization",
              "Proxy-Authorization",
              "Cookie",
              "DPoP",
              "Txn-Token",
              "Client-Cert",
              "Client-Cert-Chain",
              "X-Forwarded-Client-Cert",
              "X-Forwarded-For",
              "Forwarded"));
      ConnectorRequest request = readRequest();
      for (String name : names) {
        request = with(request, name, AGENT_SECRET);
      }

      for (Credential credential : credentials()) {
        OutboundRequest sent = connector().call(request).outbound(credential);

        assertThat(sent.headers().fields())
            .noneMatch(field -> field.value().contains(AGENT_SECRET));
      }
    }

    @Test
    void outboundWhenQueryCarriesACredentialThenItIsDeniedOrGone() {
      for (String name : vendorCredentialParameters()) {
        ConnectorRequest read = readRequest();
        String query = name + "=" + AGENT_SECRET;
        RequestTarget target =
            RequestTarget.parse(
                read.target().path(),
                read.target().query().map(q -> q + "&" + query).orElse(query));
        ConnectorRequest request =
            new ConnectorRequest(read.method(), target, read.headers(), read.body());

        assertThat(sentTarget(request)).as(name).doesNotContain(AGENT_SECRET);
      }
    }

    private String sentTarget(ConnectorRequest request) {
      try {
        return connector().call(request).outbound(credentials().getFirst()).target().pathAndQuery();
      } catch (MalformedRequestException denied) {
        return "";
      }
    }

    @Test
    void outboundWhenHeadersSpeakForOneHopThenTheyAreGone() {
      ConnectorRequest request =
          with(
              with(with(readRequest(), "Connection", "keep-alive, X-Hop"), "X-Hop", "1"),
              "Upgrade",
              "h2c");

      Headers sent = connector().call(request).outbound(credentials().getFirst()).headers();

      assertThat(sent.has("connection")).isFalse();
      assertThat(sent.has("x-hop")).isFalse();
      assertThat(sent.has("upgrade")).isFalse();
    }

    @Test
    void outboundWhenCredentialIsAppliedThenItStandsInItsHeadersOnly() {
      for (Credential credential : credentials()) {
        OutboundRequest sent = connector().call(writeRequest()).outbound(credential);

        assertThat(sent.credentialHeaders()).isNotEmpty();
        assertThat(sent.credentialHeaders())
            .allSatisfy(name -> assertThat(sent.headers().all(name)).hasSize(1));
        assertThat(sent.headers().without(sent.credentialHeaders()).fields())
            .noneMatch(field -> field.value().contains(STORED_SECRET));
        assertThat(sent.target().pathAndQuery()).doesNotContain(STORED_SECRET);
        assertThat(sent.toString()).doesNotContain(STORED_SECRET);
      }
    }

    @Test
    void outboundWhenRequestIsPlainThenMethodAndPathStay() {
      for (ConnectorRequest request : List.of(readRequest(), writeRequest())) {
        OutboundRequest sent = connector().call(request).outbound(credentials().getFirst());

        assertThat(sent.method()).isEqualTo(request.method());
        assertThat(sent.target().path()).isEqualTo(request.target().path());
        assertThat(sent.target().parameters()).containsAll(request.target().parameters());
      }
    }

    /** What is sent must mean, to this very connector, what was authorized. */
    @Test
    void outboundWhenAskedForItsOperationsThenTheyAreNoMoreThanAuthorized() {
      for (ConnectorRequest request : List.of(readRequest(), writeRequest())) {
        OutboundRequest sent = connector().call(request).outbound(credentials().getFirst());
        ConnectorRequest again =
            new ConnectorRequest(
                sent.method(),
                sent.target(),
                request.headers(),
                sent.body().orElse(request.body()));

        assertThat(connector().call(again).operations().getFirst().scope("x"))
            .isEqualTo(connector().call(request).operations().getFirst().scope("x"));
      }
    }
  }

  /** What an answer means. */
  @Nested
  class Answers {
    @Test
    void inboundWhenAllIsWellThenRelaysStatusAndHeadersWithoutCookies() {
      Headers headers =
          answerHeaders()
              .with("X-Vendor-Note", "kept")
              .with("Set-Cookie", "JSESSIONID=" + AGENT_SECRET)
              .with("Connection", "close");

      Inbound inbound = connector().call(readRequest()).inbound(200, headers);

      assertThat(inbound).isInstanceOf(Inbound.Relay.class);
      Inbound.Relay relay = (Inbound.Relay) inbound;
      assertThat(relay.status()).isEqualTo(200);
      assertThat(relay.headers().first("x-vendor-note")).contains("kept");
      assertThat(relay.headers().has("set-cookie")).isFalse();
      assertThat(relay.headers().has("connection")).isFalse();
    }

    @Test
    void inboundWhenLinksLeadToTheVendorThenTheyLeadToTheGateway() {
      Headers headers = answerHeaders().with("Location", "https://upstream.example/x/1?a=b");

      Inbound inbound = connector().call(writeRequest()).inbound(201, headers);

      assertThat(inbound).isInstanceOf(Inbound.Relay.class);
      assertThat(((Inbound.Relay) inbound).headers().first("location"))
          .contains("https://gateway.example/saas/x/1?a=b");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "https://login.elsewhere.example/saml",
          "https://upstream.example.evil.example/",
          "//elsewhere.example/",
          "http://upstream.example/",
          "javascript:alert(1)"
        })
    void inboundWhenRedirectLeavesTheVendorThenItIsNotRelayed(String location) {
      for (int status : new int[] {301, 302, 303, 307, 308}) {
        Inbound inbound =
            connector()
                .call(readRequest())
                .inbound(status, Headers.none().with("Location", location));

        assertThat(inbound).as("%s %s", status, location).isInstanceOf(Inbound.Unusable.class);
      }
    }

    @Test
    void inboundWhenALoginPageComesUnder200ThenItIsNotRelayed() {
      Headers headers = Headers.none().with("Content-Type", "text/html;charset=UTF-8");
      byte[] page = "<html><form action=\"/login\"></form></html>".getBytes(StandardCharsets.UTF_8);

      Inbound inbound = connector().call(readRequest()).inbound(200, headers);
      if (inbound instanceof Inbound.Inspect) {
        inbound = connector().call(readRequest()).inspect(200, headers, page);
      }

      assertThat(inbound).isInstanceOf(Inbound.Unusable.class);
      assertThat(((Inbound.Unusable) inbound).sentence()).isNotBlank();
    }

    @Test
    void errorWhenSentenceHoldsQuotesThenTheBodyIsWellFormedAndShowsIt() {
      VendorError error =
          connector().error(403, "SCOPE_NOT_GRANTED", "needs \"a:b/c:read\" <x> & é\n");
      String body = new String(error.body(), StandardCharsets.UTF_8);

      assertThat(error.contentType()).contains("/");
      assertThat(body).contains("SCOPE_NOT_GRANTED", "a:b/c:read");
      if (error.contentType().contains("json")) {
        assertThat(JsonMapper.shared().readTree(body).toString()).contains("a:b/c:read");
      }
    }
  }

  /** What a connector may lean on. */
  @Nested
  class Walls {
    private final JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(adapter().getClass().getPackageName());

    @Test
    void dependenciesWhenImportedThenLeadToTheSpiOnly() {
      String own = adapter().getClass().getPackageName();

      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("dev.bailiwick..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAnyPackage(
                              "dev.bailiwick.connector", own + ".."))))
          .because("a connector says what a request means; policy, tokens and hosts are others'")
          .check(classes);
    }

    @Test
    void dependenciesWhenImportedThenNeitherFrameworkNorNetwork() {
      ArchRuleDefinition.noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "org.apache.apisix..",
              "reactor..",
              "io.netty..",
              "com.nimbusds..",
              "io.github.resilience4j..",
              "java.net.http..",
              "java.util.logging..")
          .because("a connector is called on an event loop: it opens no connection and never waits")
          .check(classes);
    }

    @Test
    void clockWhenImportedThenIsNotRead() {
      ArchRuleDefinition.noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .because("the same request must always mean the same operations")
          .check(classes);
    }
  }

  private MalformedRequestException assertDenied(ConnectorRequest request) {
    Connector connector = connector();
    MalformedRequestException[] denial = new MalformedRequestException[1];
    assertThatExceptionOfType(MalformedRequestException.class)
        .isThrownBy(
            () -> {
              var unused = connector.call(request).operations();
            })
        .satisfies(e -> denial[0] = e)
        .satisfies(e -> assertThat(e.sentence()).isNotBlank());
    return denial[0];
  }

  private static ConnectorRequest with(ConnectorRequest request, String header, String value) {
    return new ConnectorRequest(
        request.method(), request.target(), request.headers().with(header, value), request.body());
  }
}
