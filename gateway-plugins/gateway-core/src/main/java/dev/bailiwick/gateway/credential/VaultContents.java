// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.gateway.credential;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What is inside the seal: entries by name, in order of name. Immutable. */
record VaultContents(Map<String, StoredEntry> entries) {
  private static final String FORMAT = "bailiwick-vault/1";

  VaultContents {
    entries = Collections.unmodifiableMap(new TreeMap<>(entries));
  }

  static VaultContents empty() {
    return new VaultContents(Map.of());
  }

  VaultContents with(StoredEntry entry) {
    Map<String, StoredEntry> changed = new TreeMap<>(entries);
    changed.put(entry.name(), entry);
    return new VaultContents(changed);
  }

  VaultContents without(String name) {
    Map<String, StoredEntry> changed = new TreeMap<>(entries);
    changed.remove(name);
    return new VaultContents(changed);
  }

  byte[] toJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT);
    ObjectNode all = root.putObject("entries");
    entries.forEach(
        (name, entry) -> {
          ObjectNode node = all.putObject(name);
          node.put("version", entry.version());
          node.put("updated", entry.updated().toString());
          node.set("credential", CredentialJson.write(entry.credential()));
        });
    return CredentialJson.STRICT.writeValueAsBytes(root);
  }

  /** Empty when this is not the format that {@link #toJson} writes. */
  static Optional<VaultContents> ofJson(byte[] json) {
    try {
      JsonNode root = CredentialJson.STRICT.readTree(json);
      if (!FORMAT.equals(root.path("format").asString(""))) {
        return Optional.empty();
      }
      Map<String, StoredEntry> entries = new TreeMap<>();
      for (Map.Entry<String, JsonNode> member : root.path("entries").properties()) {
        String name = CredentialJson.requireName(member.getKey());
        JsonNode node = member.getValue();
        entries.put(
            name,
            new StoredEntry(
                name,
                CredentialJson.read(name, node.path("credential")),
                node.path("version").stringValue(),
                Instant.parse(node.path("updated").stringValue())));
      }
      return Optional.of(new VaultContents(entries));
    } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
