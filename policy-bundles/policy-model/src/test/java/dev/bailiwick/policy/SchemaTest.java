// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema, the records and the reference say the same. */
class SchemaTest {
  private static final String BUNDLE = "policy-bundle.schema.json";
  private static final String CASES = "policy-cases.schema.json";

  /** Keywords that {@link SchemaCheck} turns into a sentence, and those that only describe. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "$schema",
          "$id",
          "$defs",
          "$ref",
          "title",
          "description",
          "default",
          "type",
          "const",
          "enum",
          "pattern",
          "minLength",
          "maxLength",
          "minimum",
          "maximum",
          "minItems",
          "maxItems",
          "uniqueItems",
          "minProperties",
          "items",
          "properties",
          "required",
          "propertyNames",
          "additionalProperties",
          "if",
          "then",
          "else");

  @ParameterizedTest
  @CsvSource({
    "metadata, Metadata, ''",
    "gateway, Gateway, ''",
    "limits, Limits, ''",
    "dpop, Dpop, ''",
    "issuer, Issuer, name",
    "delegation, Delegation, ''",
    "ceilingRule, CeilingRule, line",
    "readLimits, ReadLimits, ''",
    "hostLimits, HostLimits, ''"
  })
  void keysWhenComparedWithTheRecordThenTheSame(String definition, String type, String notKey)
      throws Exception {
    Set<String> components = components(Class.forName(Bundle.class.getName() + "$" + type));
    components.remove(notKey);

    assertThat(keys(definition)).isEqualTo(components);
  }

  @Test
  void keysWhenTheRecordIsFlatThenNothingIsLost() {
    Set<String> agent = components(Bundle.AgentRule.class);
    agent.removeAll(Set.of("name", "index"));
    Set<String> agentKeys = keys("agent");
    agentKeys.remove("actor");
    agentKeys.addAll(keys("actor"));
    Set<String> connector = components(Bundle.ConnectorRule.class);
    connector.removeAll(Set.of("name", "limits"));
    connector.addAll(components(Bundle.CallLimits.class));
    Set<String> connectorKeys = keys("connector");
    connectorKeys.remove("limits");
    connectorKeys.addAll(keys("connectorLimits"));
    Set<String> sandbox = components(Bundle.SandboxRule.class);
    sandbox.remove("name");
    Set<String> sandboxKeys = keys("sandbox");
    sandboxKeys.remove("files");
    sandboxKeys.addAll(keys("files"));

    assertThat(agentKeys).isEqualTo(agent);
    assertThat(connectorKeys).isEqualTo(connector);
    assertThat(sandboxKeys).isEqualTo(sandbox);
    assertThat(keys("fields")).isEqualTo(components(FieldRule.class));
  }

  @Test
  void wordsWhenComparedWithTheEnumsThenTheSame() {
    assertThat(words("/$defs/issuer/properties/proof/enum"))
        .isEqualTo(constants(Bundle.Proof.values(), '-'));
    assertThat(words("/$defs/issuer/properties/grants/enum"))
        .isEqualTo(constants(Bundle.GrantClaim.values(), '_'));
    assertThat(words("/$defs/sandbox/properties/tier/enum"))
        .isEqualTo(constants(Bundle.Tier.values(), '-'));
    assertThat(words("/$defs/permit/enum")).isEqualTo(Permit.words());
  }

  @Test
  void defaultsWhenTheKeysAreWrittenOutThenTheBundleIsTheSame() throws PolicyException {
    String written =
        """
        apiVersion: bailiwick.dev/v1
        kind: PolicyBundle
        metadata: {name: b, version: 1}
        gateway: {externalUrl: https://gateway.example%s}
        issuers:
          i: {issuer: https://i.example, jwks: https://i.example/k, audience: a, proof: dpop%s}
        connectors:
          c: {adapter: x, path: /c, upstream: https://c.example, credential: "vault:c"%s}
        sandboxes:
          s: {%s}
        """;
    String limits = defaults("limits");
    String dpop = defaults("dpop");
    Bundle explicit =
        BundleReader.read(
            written.formatted(
                ", limits: {" + limits + "}, dpop: {" + dpop + "}",
                ", " + defaults("issuer"),
                ", " + defaults("connector"),
                defaults("sandbox")),
            "explicit.yaml");

    Bundle absent = BundleReader.read(written.formatted("", "", "", ""), "absent.yaml");

    assertThat(explicit.gateway()).isEqualTo(absent.gateway());
    assertThat(explicit.issuers()).isEqualTo(absent.issuers());
    assertThat(explicit.connectors()).isEqualTo(absent.connectors());
    assertThat(explicit.sandboxes()).isEqualTo(absent.sandboxes());
    assertThat(limits).contains("maxBodyBytes: \"1MiB\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {BUNDLE, CASES})
  void schemaWhenItHasAMappingThenNoOtherKeysAndADescriptionForEach(String name) {
    List<String> faults = new ArrayList<>();
    inspect(schema(name), "#", faults);

    assertThat(faults).isEmpty();
  }

  @Test
  void referenceWhenComparedWithTheSchemaThenNamesEveryKeyAndEveryPrice() throws IOException {
    String reference = Files.readString(Path.of("README.md"));
    Set<String> keys = new TreeSet<>();
    for (String name : List.of(BUNDLE, CASES)) {
      for (JsonNode definition : schema(name).path("$defs")) {
        keys.addAll(definition.path("properties").propertyNames());
      }
    }

    assertThat(keys)
        .hasSizeGreaterThan(40)
        .allSatisfy(key -> assertThat(reference).containsPattern("[`.]" + key + "`"));
    assertThat(Permit.values())
        .allSatisfy(
            permit ->
                assertThat(reference).contains("| `" + permit.word() + "` | " + permit.price()));
  }

  private static void inspect(JsonNode schema, String at, List<String> faults) {
    for (String keyword : schema.propertyNames()) {
      if (!KEYWORDS.contains(keyword)) {
        faults.add(at + " uses " + keyword + ", which has no sentence");
      }
    }
    boolean mapping = schema.path("type").asString("").equals("object");
    if (mapping && !schema.has("additionalProperties")) {
      faults.add(at + " takes any key");
    }
    schema
        .path("properties")
        .propertyStream()
        .forEach(
            property -> {
              String below = at + "/" + property.getKey();
              if (property.getValue().path("description").asString("").isBlank()) {
                faults.add(below + " has no description");
              }
              inspect(property.getValue(), below, faults);
            });
    schema
        .path("$defs")
        .propertyStream()
        .forEach(def -> inspect(def.getValue(), at + "/" + def.getKey(), faults));
    for (String inner :
        List.of("items", "additionalProperties", "propertyNames", "if", "then", "else")) {
      if (schema.path(inner).isObject()) {
        inspect(schema.path(inner), at + "/" + inner, faults);
      }
    }
  }

  /** The defaults of a definition, as YAML. */
  private static String defaults(String definition) {
    List<String> written = new ArrayList<>();
    schema(BUNDLE)
        .at("/$defs/" + definition + "/properties")
        .propertyStream()
        .filter(property -> property.getValue().has("default"))
        .forEach(
            property ->
                written.add(property.getKey() + ": " + property.getValue().path("default")));
    assertThat(written).isNotEmpty();
    return String.join(", ", written);
  }

  private static Set<String> keys(String definition) {
    return new TreeSet<>(schema(BUNDLE).at("/$defs/" + definition + "/properties").propertyNames());
  }

  private static List<String> words(String pointer) {
    return schema(BUNDLE).at(pointer).valueStream().map(JsonNode::asString).toList();
  }

  private static List<String> constants(Enum<?>[] values, char separator) {
    return Arrays.stream(values)
        .map(value -> value.name().toLowerCase(Locale.ROOT).replace('_', separator))
        .toList();
  }

  private static Set<String> components(Class<?> type) {
    Set<String> names = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      names.add(component.getName());
    }
    return names;
  }

  private static JsonNode schema(String name) {
    try (InputStream in = SchemaTest.class.getResourceAsStream(name)) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
