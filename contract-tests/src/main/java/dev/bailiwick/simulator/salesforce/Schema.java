// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The org's objects, as {@code seed.json} describes them. A field is written as its type; {@code !}
 * means that it must be set, {@code key} that it is an external id, and {@code
 * ref:Account,Case/Parent/Attachments} that it refers to an account or a case, is walked as {@code
 * Parent}, and is met on the other side as {@code Attachments}. Names are compared without regard
 * to case, as Salesforce does. Immutable.
 */
final class Schema {
  private final Map<String, ObjectType> byName = new LinkedHashMap<>();
  private final JsonNode rows;

  /** A field of an object. */
  record Field(
      String name,
      String type,
      boolean required,
      List<String> referenceTo,
      String relationship,
      String children) {
    boolean isReference() {
      return !referenceTo.isEmpty();
    }

    boolean isFile() {
      return type.equals("base64");
    }

    boolean isExternalId() {
      return type.equals("key");
    }

    boolean isText() {
      return List.of("string", "email", "phone", "url", "textarea", "picklist", "key")
          .contains(type);
    }
  }

  /** Rows of another object that refer to rows of this one. */
  record Children(String name, String object, String field) {}

  /** An object. */
  static final class ObjectType {
    private final String name;
    private final String keyPrefix;
    private final Map<String, Field> fields = new LinkedHashMap<>();
    private final List<Children> children = new ArrayList<>();

    ObjectType(String name, String keyPrefix) {
      this.name = name;
      this.keyPrefix = keyPrefix;
    }

    String name() {
      return name;
    }

    String keyPrefix() {
      return keyPrefix;
    }

    Collection<Field> fields() {
      return fields.values();
    }

    List<Children> children() {
      return children;
    }

    Optional<Field> field(String written) {
      return Optional.ofNullable(fields.get(lower(written)));
    }

    Field requireField(String written) {
      return field(written).orElseThrow(() -> Problem.field(written, name));
    }

    /** The reference that is walked by this name, such as {@code Owner}. */
    Optional<Field> parent(String relationship) {
      return fields.values().stream()
          .filter(field -> field.relationship().equalsIgnoreCase(relationship))
          .findFirst();
    }

    Optional<Children> children(String relationship) {
      return children.stream()
          .filter(each -> each.name().equalsIgnoreCase(relationship))
          .findFirst();
    }

    private void add(Field field) {
      fields.put(lower(field.name()), field);
    }
  }

  Schema() {
    JsonNode seed = seed();
    for (Map.Entry<String, JsonNode> entry : seed.path("objects").properties()) {
      ObjectType type =
          new ObjectType(entry.getKey(), entry.getValue().path("keyPrefix").stringValue());
      type.add(field("Id", "id"));
      for (Map.Entry<String, JsonNode> f : entry.getValue().path("fields").properties()) {
        type.add(field(f.getKey(), f.getValue().stringValue()));
      }
      type.add(field("IsDeleted", "boolean"));
      type.add(field("CreatedDate", "datetime"));
      type.add(field("CreatedById", "ref:User/CreatedBy"));
      type.add(field("LastModifiedDate", "datetime"));
      type.add(field("LastModifiedById", "ref:User/LastModifiedBy"));
      type.add(field("SystemModstamp", "datetime"));
      type.add(field("LastViewedDate", "datetime"));
      byName.put(lower(type.name()), type);
    }
    for (ObjectType child : byName.values()) {
      for (Field field : child.fields()) {
        for (String target : field.children().isEmpty() ? List.<String>of() : field.referenceTo()) {
          require(target).children.add(new Children(field.children(), child.name(), field.name()));
        }
      }
    }
    rows = seed.path("rows");
  }

  private static JsonNode seed() {
    try (InputStream in = Schema.class.getResourceAsStream("seed.json")) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Field field(String name, String written) {
    boolean required = written.endsWith("!");
    String type = required ? written.substring(0, written.length() - 1) : written;
    if (!type.startsWith("ref:")) {
      return new Field(name, type, required, List.of(), "", "");
    }
    List<String> parts = List.of(type.substring(4).split("/", -1));
    return new Field(
        name,
        "reference",
        required,
        List.of(parts.getFirst().split(",", -1)),
        parts.get(1),
        parts.size() > 2 ? parts.get(2) : "");
  }

  JsonNode rows() {
    return rows;
  }

  Collection<ObjectType> types() {
    return byName.values();
  }

  Optional<ObjectType> type(String written) {
    return Optional.ofNullable(byName.get(lower(written)));
  }

  ObjectType require(String written) {
    return type(written).orElseThrow(Problem::noSuchObject);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
