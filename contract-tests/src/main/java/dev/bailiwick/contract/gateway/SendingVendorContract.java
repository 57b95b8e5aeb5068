// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.contract.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bailiwick.simulator.SeenRequest;
import dev.bailiwick.simulator.Simulator;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a host that sends by itself does when Salesforce or Workday runs into trouble, over real
 * HTTP and with the core and the adapters as they are shipped. A subclass starts its host; both
 * adapters have to be on its class path.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
public abstract class SendingVendorContract {
  /** A gateway does not renew a credential that it obtained less than five seconds ago. */
  private static final Duration RENEWAL_PAUSE = Duration.ofMillis(5500);

  private static final String DATA = "/services/data/v66.0";
  private static final String COMPOSITE = DATA + "/composite";
  private static final String WORKERS = "/ccx/api/v1/acme/workers";
  private static final String SOAP = "/ccx/service/acme/Human_Resources/v42.0";

  /** The vendors, each with a read, a write and its own word for them. */
  enum Vendor {
    SALESFORCE(
        DATA + "/query?q=SELECT+Id+FROM+Account", DATA + "/sobjects/Account", "{\"Name\":\"New\"}"),
    WORKDAY(
        WORKERS,
        WORKERS + "/0e44c92412d34b01ace61e80a47aaf6d/businessTitleChanges",
        "{\"proposedBusinessTitle\":\"Buyer\"}");

    private final String read;
    private final String write;
    private final String body;

    Vendor(String read, String write, String body) {
      this.read = read;
      this.write = write;
      this.body = body;
    }

    String connector(String what) {
      return "/" + name().toLowerCase(Locale.ROOT) + "-" + what;
    }
  }

  private @Nullable VendorTestBed bed;
  private long credentialsObtained;
  private String running = "";

  /** Starts the host; called once. */
  protected abstract GatewayHost start(GatewayHost.Setup setup) throws Exception;

  @BeforeAll
  void startEverything(@TempDir Path directory) throws Exception {
    bed = new VendorTestBed(directory);
    bed.runs(start(bed.setup()));
    for (String name : List.of("renewed", "never-accepted")) {
      for (Vendor vendor : Vendor.values()) {
        open(vendor.connector(name) + vendor.read);
      }
    }
    for (String name : List.of("compound", "chunked", "partly", "long")) {
      open(Vendor.SALESFORCE.connector(name) + Vendor.SALESFORCE.read);
    }
    open(Vendor.WORKDAY.connector("soap") + WORKERS);
    credentialsObtained = System.nanoTime();
  }

  private void open(String target) {
    RawHttp.Response response = bed().request("GET", target).send();
    assertThat(response.status()).as("%s: %s", target, response.text()).isEqualTo(200);
  }

  @AfterAll
  void stopEverything() {
    try (TestBed stopped = bed()) {
      stopped.assertTrailComplete();
    }
  }

  @BeforeEach
  void calm(TestInfo test) {
    running = test.getTestMethod().map(Method::getName).orElse("") + " " + test.getDisplayName();
    bed().calm();
  }

  @AfterEach
  void nothingLeaked() {
    bed().assertNothingLeaked();
  }

  private VendorTestBed bed() {
    if (bed == null) {
      throw new IllegalStateException("the test bed is not there yet");
    }
    return bed;
  }

  /** Waits until a gateway may renew the credentials that it obtained at the start. */
  private void awaitRenewable() {
    long left;
    while ((left = RENEWAL_PAUSE.toNanos() - (System.nanoTime() - credentialsObtained)) > 0) {
      LockSupport.parkNanos(left);
    }
  }

  private AgentRequest read(Vendor vendor, String connector) {
    return bed().request("GET", vendor.connector(connector) + vendor.read);
  }

  private AgentRequest write(Vendor vendor, String connector) {
    return bed().request("POST", vendor.connector(connector) + vendor.write).json(vendor.body);
  }

  private void assertReplaced(RawHttp.Response response, int status, String code) {
    assertThat(response.header("x-bailiwick-code")).contains(code);
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text()).contains(code);
    bed().mustRecord(running, response.header("x-correlation-id").orElseThrow(), code);
  }

  /** The connector of these has little patience, and a circuit breaker of its own. */
  @Nested
  final class Trouble {

    @ParameterizedTest
    @EnumSource
    void readWhenVendorIsSlowThenGatewayTimeout(Vendor vendor) {
      bed().always(vendor, "SLOW");

      assertReplaced(read(vendor, "fragile").send(), 504, "UPSTREAM_TIMEOUT");
    }

    @ParameterizedTest
    @EnumSource
    void readWhenVendorResetsThenBadGateway(Vendor vendor) {
      bed().always(vendor, "CONNECTION_RESET");

      assertReplaced(read(vendor, "fragile").send(), 502, "UPSTREAM_FAILED");
    }

    @ParameterizedTest
    @EnumSource
    void writeWhenVendorResetsThenItIsNotSentAgain(Vendor vendor) {
      bed().always(vendor, "CONNECTION_RESET");

      assertReplaced(write(vendor, "fragile").send(), 502, "UPSTREAM_FAILED");
      assertThat(bed().calm(vendor).apiRequests()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void writeWhenVendorFailsThenAgentSeesItsErrorAndItIsNotSentAgain(Vendor vendor) {
      bed().always(vendor, "SERVER_ERROR");
      AgentRequest request = write(vendor, "fragile");

      RawHttp.Response response = request.send();

      assertThat(response.status()).isEqualTo(500);
      assertThat(response.header("x-bailiwick-code")).isEmpty();
      assertThat(response.text()).startsWith(vendor == Vendor.SALESFORCE ? "[{" : "{\"error\"");
      assertThat(bed().calm(vendor).apiRequests()).hasSize(1);
      assertThat(bed().trail().await(request.tokenId(), "ALLOW")).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readWhenVendorIsInMaintenanceThenItsPageIsNotTakenForData(Vendor vendor) {
      bed().always(vendor, "MAINTENANCE");

      RawHttp.Response response = read(vendor, "fragile").send();

      assertThat(response.status()).isIn(502, 503);
    }

    @ParameterizedTest
    @CsvSource({
      "SALESFORCE, TRUNCATED_JSON",
      "SALESFORCE, GARBAGE",
      "WORKDAY, TRUNCATED_JSON",
      "WORKDAY, GARBAGE",
    })
    void readWhenAnswerIsBrokenThenAgentCannotTakeItForWhole(Vendor vendor, String situation) {
      bed().always(vendor, situation);

      RawHttp.Response response = read(vendor, "fragile").send();

      assertThat(response.status() != 200 || !response.whole()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void readWhenVendorShowsALoginPageThenBadGateway(Vendor vendor) {
      bed().always(vendor, "LOGIN_PAGE");

      RawHttp.Response response = read(vendor, "fragile").send();

      assertReplaced(response, 502, "UPSTREAM_UNUSABLE");
      assertThat(response.text()).doesNotContain("<form");
    }

    @ParameterizedTest
    @EnumSource
    void readWhenVendorRedirectsElsewhereThenAgentDoesNotSeeWhere(Vendor vendor) {
      bed().always(vendor, "REDIRECT_ELSEWHERE");

      RawHttp.Response response = read(vendor, "fragile").send();

      assertReplaced(response, 502, "UPSTREAM_UNUSABLE");
      assertThat(response.everything()).doesNotContain("elsewhere.example");
    }
  }

  @Nested
  final class Limits {

    @ParameterizedTest
    @CsvSource({
      "SALESFORCE, 503, 503, UPSTREAM_UNAVAILABLE",
      "WORKDAY, 429, 429, UPSTREAM_LIMITED"
    })
    void readWhenVendorAsksForAPauseThenAgentSeesItAndNoMoreIsSent(
        Vendor vendor, int status, int next, String code) {
      bed().once(vendor, "RATE_LIMITED");

      RawHttp.Response first = read(vendor, "busy").send();
      RawHttp.Response second = read(vendor, "busy").send();

      assertThat(first.status()).isEqualTo(status);
      assertThat(first.header("retry-after")).contains("30");
      assertReplaced(second, next, code);
      assertThat(second.header("retry-after")).isPresent();
      assertThat(bed().calm(vendor).apiRequests()).hasSize(1);
    }

    @Test
    void readWhenSalesforceHasNoCallsLeftThenAgentSeesItAndNoMoreIsSent() {
      bed().once(Vendor.SALESFORCE, "REQUEST_LIMIT_EXCEEDED");

      RawHttp.Response first = read(Vendor.SALESFORCE, "exceeded").send();
      RawHttp.Response second = read(Vendor.SALESFORCE, "exceeded").send();

      assertThat(first.status()).isEqualTo(403);
      assertThat(first.text()).contains("REQUEST_LIMIT_EXCEEDED");
      assertReplaced(second, 429, "UPSTREAM_LIMITED");
      assertThat(second.header("retry-after").map(Integer::parseInt).orElse(0)).isBetween(1, 120);
      assertThat(bed().salesforce().apiRequests()).hasSize(1);
    }
  }

  @Nested
  final class Renewal {

    @ParameterizedTest
    @EnumSource
    void readWhenSessionExpiredThenItIsRenewedAndTheAgentSeesNothing(Vendor vendor) {
      Simulator expiring = bed().expiring(vendor);
      awaitRenewable();
      int issued = expiring.tokensIssued();
      expiring.expireTokens();

      RawHttp.Response response = read(vendor, "renewed").send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(expiring.tokensIssued()).isEqualTo(issued + 1);
      assertThat(expiring.apiRequests()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void readWhenSessionIsNeverAcceptedThenStopsAfterOneRetry(Vendor vendor) {
      awaitRenewable();
      bed().always(vendor, "SESSION_EXPIRED");

      RawHttp.Response response = read(vendor, "never-accepted").send();

      assertReplaced(response, 502, "UPSTREAM_UNAUTHORIZED");
      assertThat(bed().calm(vendor).apiRequests()).hasSize(2);
    }

    /** Workday answers a message with an old token, like every other fault, with 500. */
    @Test
    void soapWhenTokenExpiredThenItIsRenewedAndTheSameMessageGoesAgain() {
      awaitRenewable();
      bed().expiringTenant().expireTokens();

      RawHttp.Response response =
          bed()
              .request("POST", Vendor.WORKDAY.connector("soap") + SOAP)
              .header("Content-Type: text/xml")
              .body(
                  ("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
                          + "<b:Get_Workers_Request xmlns:b=\"urn:com.workday/bsvc\"/>"
                          + "</s:Body></s:Envelope>")
                      .getBytes(StandardCharsets.UTF_8))
              .send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(response.text()).contains("Get_Workers_Response");
      List<SeenRequest> seen = bed().expiringTenant().apiRequests();
      assertThat(seen).hasSize(2);
      assertThat(seen.get(0).body()).isEqualTo(seen.get(1).body());
    }
  }

  /** A session that ends inside a compound request is told by a 200. */
  @Nested
  final class InsideACompound {

    @ParameterizedTest
    @CsvSource({"compound, false", "chunked, true"})
    void compositeWhenSessionEndedBeforeTheFirstPartThenItIsRenewedAndCarriedOutOnce(
        String connector, boolean inChunks) {
      awaitRenewable();
      int accounts = bed().salesforce().rows("Account").size();
      expireInside(0, inChunks);

      RawHttp.Response response = creatingTwo(connector).send();

      assertThat(response.status()).isEqualTo(200);
      assertThat(statuses(response)).containsExactly(201, 201);
      assertThat(bed().salesforce().rows("Account")).hasSize(accounts + 2);
      assertThat(bed().salesforce().apiRequests()).hasSize(2);
      assertThat(response.text())
          .contains(Vendor.SALESFORCE.connector(connector) + DATA + "/sobjects/Account/");
    }

    @Test
    void compositeWhenSessionEndedAfterTheFirstPartThenAgentSeesThatAndNothingIsRepeated() {
      awaitRenewable();
      int accounts = bed().salesforce().rows("Account").size();
      expireInside(1, true);

      RawHttp.Response response = creatingTwo("partly").send();

      assertThat(statuses(response)).containsExactly(201, 401);
      assertThat(bed().salesforce().rows("Account")).hasSize(accounts + 1);
      assertThat(bed().salesforce().apiRequests()).hasSize(1);
    }

    @Test
    void compositeWhenAnswerIsLongAndInChunksThenAllOfItComes() {
      for (int i = 0; i < 600; i++) {
        bed().salesforce().insert("Account", Map.of("Name", "Long account, number " + i));
      }
      awaitRenewable();
      bed().salesforce().answerInChunks();

      RawHttp.Response response =
          composite(
                  "long",
                  "{\"method\":\"GET\",\"referenceId\":\"all\",\"url\":\""
                      + DATA
                      + "/query?q=SELECT+Id,Name+FROM+Account+WHERE+Name+LIKE+'Long%25'\"}")
              .send();

      assertThat(response.whole()).isTrue();
      assertThat(response.body().length).isGreaterThan(64 * 1024);
      JsonNode records =
          JsonMapper.shared()
              .readTree(response.text())
              .path("compositeResponse")
              .path(0)
              .path("body")
              .path("records");
      assertThat(records)
          .extracting(record -> record.path("Name").asString(""))
          .hasSize(600)
          .startsWith("Long account, number 0")
          .endsWith("Long account, number 599");
      assertThat(records.path(599).path("attributes").path("url").asString(""))
          .startsWith(Vendor.SALESFORCE.connector("long") + DATA);
    }

    private void expireInside(int parts, boolean inChunks) {
      bed().salesforce().expireInsideNextCompound(parts);
      if (inChunks) {
        bed().salesforce().answerInChunks();
      }
    }

    private AgentRequest creatingTwo(String connector) {
      return composite(connector, creating("first") + "," + creating("second"));
    }

    private static String creating(String reference) {
      return "{\"method\":\"POST\",\"referenceId\":\""
          + reference
          + "\",\"url\":\""
          + DATA
          + "/sobjects/Account\",\"body\":{\"Name\":\""
          + reference
          + "\"}}";
    }

    private AgentRequest composite(String connector, String parts) {
      return bed()
          .request("POST", Vendor.SALESFORCE.connector(connector) + COMPOSITE)
          .json("{\"compositeRequest\":[" + parts + "]}");
    }

    private static List<Integer> statuses(RawHttp.Response response) {
      return JsonMapper.shared()
          .readTree(response.text())
          .path("compositeResponse")
          .valueStream()
          .map(part -> part.path("httpStatusCode").asInt(0))
          .toList();
    }
  }
}
