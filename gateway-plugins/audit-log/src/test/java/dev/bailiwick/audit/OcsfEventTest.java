// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OcsfEventTest {

  private static final AuditRecord NOTE =
      new AuditRecord.TrailNote(TestRecords.TIME, "TAIL_KEPT_ASIDE", "12 bytes were kept.");

  private static JsonNode encode(AuditRecord record) {
    byte[] line =
        new RecordEncoder("gateway-a").encode(record, 7, SealedLine.GENESIS).toByteArray();
    return JsonMapper.shared().readTree(line);
  }

  static List<AuditRecord> everyKind() {
    List<AuditRecord> all = new ArrayList<>(TestRecords.oneOfEach());
    all.add(NOTE);
    return all;
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void encodeWhenAnyKindThenClassificationAgreesWithItself(AuditRecord record) {
    JsonNode json = encode(record);

    int classUid = json.path("class_uid").intValue();
    assertThat(json.path("category_uid").intValue()).isEqualTo(classUid / 1000);
    assertThat(json.path("type_uid").intValue())
        .isEqualTo(classUid * 100 + json.path("activity_id").intValue());
    assertThat(json.path("time").longValue()).isEqualTo(record.time().toEpochMilli());
    assertThat(json.path("severity_id").intValue()).isBetween(1, 4);
    assertThat(json.path("status_id").intValue()).isBetween(1, 2);
    assertThat(json.path("message").stringValue()).endsWith(".");
    assertThat(json.path("metadata").path("version").stringValue()).isEqualTo("1.8.0");
    assertThat(json.path("metadata").path("product").path("name").stringValue())
        .isEqualTo("Bailiwick");
    assertThat(json.path("metadata").path("uid").stringValue()).isEqualTo("gateway-a-7");
    assertThat(json.path("metadata").path("log_name").stringValue()).isEqualTo("gateway-a");
    assertThat(json.path("metadata").path("sequence").longValue()).isEqualTo(7);
  }

  /** Required members as the schema lists them for each class. */
  @ParameterizedTest
  @MethodSource("everyKind")
  void encodeWhenAnyKindThenMembersThatItsClassRequiresAreThere(AuditRecord record) {
    JsonNode json = encode(record);

    switch (json.path("class_uid").intValue()) {
      case 6003 -> {
        assertThat(json.path("actor").isEmpty()).isFalse();
        assertThat(json.path("api").path("operation").stringValue()).isNotEmpty();
        assertThat(json.path("api").path("request").path("uid").stringValue()).isNotEmpty();
        assertThat(json.path("src_endpoint").isEmpty()).isFalse();
      }
      case 4001 -> assertThat(json.path("dst_endpoint").isEmpty()).isFalse();
      case 1003 -> {
        assertThat(json.path("kernel").has("name")).isTrue();
        assertThat(json.path("kernel").has("type_id")).isTrue();
      }
      case 1007 -> {
        assertThat(json.path("process").isEmpty()).isFalse();
        assertThat(json.path("actor").isEmpty()).isFalse();
        assertThat(json.path("device").has("type_id")).isTrue();
      }
      case 1008 -> assertThat(json.path("log_name").stringValue()).isNotEmpty();
      default -> throw new AssertionError(json.toString());
    }
  }

  @Test
  void encodeWhenDecisionThenCarriesEveryFact() {
    JsonNode json = encode(TestRecords.allowed(1));

    JsonNode own = json.path("unmapped").path("bailiwick");
    assertThat(json.path("type_uid").intValue()).isEqualTo(600302);
    assertThat(json.path("action").stringValue()).isEqualTo("Allowed");
    assertThat(json.path("disposition_id").intValue()).isEqualTo(1);
    assertThat(json.path("actor").path("user").path("uid").stringValue())
        .isEqualTo("alice@acme.example");
    assertThat(json.path("actor").path("app_name").stringValue()).isEqualTo("triage-agent");
    assertThat(json.path("api").path("response").path("code").intValue()).isEqualTo(200);
    assertThat(json.path("policy").path("name").stringValue()).isEqualTo("support-triage 7");
    assertThat(own.path("principal").path("issuer").stringValue()).isEqualTo(TestRecords.ISSUER);
    assertThat(own.path("actors").path(0).path("subject").stringValue()).isEqualTo("triage-agent");
    assertThat(own.path("actors").path(1).path("subject").stringValue()).isEqualTo("planner");
    assertThat(own.path("task").stringValue()).isEqualTo(TestRecords.TASK);
    assertThat(own.path("token_id").stringValue()).isEqualTo("jti-2");
    assertThat(own.path("parent_token_id").stringValue()).isEqualTo("jti-1");
    assertThat(own.path("key_thumbprint").stringValue()).isEqualTo("thumb-9");
    assertThat(own.path("operations").path(0).stringValue())
        .isEqualTo("servicenow:table/incident:read");
    assertThat(own.path("credential").stringValue()).isEqualTo("vault:servicenow/acme");
    assertThat(own.path("rule").stringValue()).isEqualTo("ALLOW");
  }

  @Test
  void encodeWhenNothingWasVerifiedThenInventsNobody() {
    JsonNode json =
        encode(
            new AuditRecord.GatewayDecision(
                TestRecords.TIME,
                "call-1",
                false,
                "TOKEN_MALFORMED",
                "The token is not a JWT.",
                "",
                Optional.empty(),
                Optional.empty(),
                "GET",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                OptionalInt.empty(),
                "192.0.2.7"));

    JsonNode own = json.path("unmapped").path("bailiwick");
    assertThat(json.path("actor").path("user").path("name").stringValue()).isEqualTo("unverified");
    assertThat(json.path("api").path("operation").stringValue()).isEqualTo("GET");
    assertThat(json.has("policy")).isFalse();
    assertThat(json.has("dst_endpoint")).isFalse();
    assertThat(own.has("principal")).isFalse();
    assertThat(own.has("task")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "a:b/c:create, GET, 1",
    "a:b/c:read, POST, 2",
    "a:b/c:update, POST, 3",
    "a:b/c:delete, POST, 4",
    "a:b/c:submit, POST, 99",
    "'a:b/c:read a:b/d:read', POST, 2",
    "'a:b/c:read a:b/c:update', POST, 99",
    "'', GET, 2",
    "'', POST, 1",
    "'', PATCH, 3",
    "'', DELETE, 4",
    "'', BREW, 99"
  })
  void encodeWhenOperationsThenActivityFollowsThem(String operations, String method, int activity) {
    AuditRecord.GatewayDecision like = TestRecords.allowed(1);
    AuditRecord record =
        new AuditRecord.GatewayDecision(
            like.time(),
            like.correlationId(),
            true,
            like.code(),
            like.sentence(),
            like.policy(),
            like.caller(),
            like.connector(),
            method,
            like.target(),
            operations.isEmpty() ? List.of() : List.of(operations.split(" ")),
            like.credential(),
            like.upstreamStatus(),
            like.sourceAddress());

    assertThat(encode(record).path("activity_id").intValue()).isEqualTo(activity);
  }

  @ParameterizedTest
  @CsvSource({
    "cgroup-bpf, connect4, udp 198.51.100.7:53, 4001, 198.51.100.7, 53, udp",
    "cgroup-bpf, connect6, tcp [2001:db8::1]:443, 4001, 2001:db8::1, 443, tcp",
    "landlock, connect, tcp 10.0.0.1:80, 4001, 10.0.0.1, 80, tcp"
  })
  void encodeWhenKernelDeniedNetworkThenEndpointIsTakenApart(
      String layer, String hook, String asked, int classUid, String ip, int port, String protocol) {
    JsonNode json = encode(denial(layer, hook, asked));

    assertThat(json.path("class_uid").intValue()).isEqualTo(classUid);
    assertThat(json.path("dst_endpoint").path("ip").stringValue()).isEqualTo(ip);
    assertThat(json.path("dst_endpoint").path("port").intValue()).isEqualTo(port);
    assertThat(json.path("connection_info").path("protocol_name").stringValue())
        .isEqualTo(protocol);
    assertThat(json.path("action").stringValue()).isEqualTo("Denied");
  }

  @Test
  void encodeWhenKernelDeniedSomethingElseThenKernelActivity() {
    JsonNode file = encode(denial("landlock", "open", "/etc/shadow"));
    JsonNode raw = encode(denial("cgroup-bpf", "sock_create", "raw socket"));

    assertThat(file.path("type_uid").intValue()).isEqualTo(100304);
    assertThat(file.path("kernel").path("name").stringValue()).isEqualTo("/etc/shadow");
    assertThat(raw.path("class_uid").intValue()).isEqualTo(4001);
    assertThat(raw.path("dst_endpoint").path("name").stringValue()).isEqualTo("raw socket");
  }

  private static AuditRecord denial(String layer, String hook, String asked) {
    return new AuditRecord.KernelDenial(
        TestRecords.TIME,
        Optional.empty(),
        "sandbox-1",
        Optional.empty(),
        4711,
        1001,
        "curl",
        layer,
        hook,
        asked);
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void encodeWhenAnyKindThenOnlyMembersThatTheReadmeNames(AuditRecord record) {
    Set<String> own =
        new HashSet<>(encode(record).path("unmapped").path("bailiwick").propertyNames());

    own.removeAll(
        Set.of(
            "kind",
            "task",
            "rule",
            "principal",
            "actors",
            "token_id",
            "parent_token_id",
            "client_id",
            "key_thumbprint",
            "connector",
            "operations",
            "credential",
            "sandbox",
            "agent",
            "layer",
            "hook",
            "destination",
            "caller_uid",
            "enforced",
            "missing",
            "lost",
            "code",
            "previous"));
    assertThat(own).isEmpty();
  }
}
