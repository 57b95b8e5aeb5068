// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import dev.bailiwick.simulator.salesforce.Schema.Children;
import dev.bailiwick.simulator.salesforce.Schema.Field;
import dev.bailiwick.simulator.salesforce.Schema.ObjectType;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Descriptions of objects, with what clients look at in them. */
final class Describe {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Describe() {}

  static ObjectNode global(Schema schema, String version) {
    ObjectNode body = JSON.createObjectNode();
    body.put("encoding", "UTF-8").put("maxBatchSize", 200);
    ArrayNode objects = body.putArray("sobjects");
    schema.types().forEach(type -> objects.add(summary(type, version)));
    return body;
  }

  static ObjectNode summary(ObjectType type, String version) {
    ObjectNode body = JSON.createObjectNode();
    String path = "/services/data/" + version + "/sobjects/" + type.name();
    body.put("name", type.name())
        .put("label", type.name())
        .put("labelPlural", type.name())
        .put("keyPrefix", type.keyPrefix())
        .put("custom", type.name().endsWith("__c"));
    for (String can :
        new String[] {"createable", "updateable", "deletable", "queryable", "searchable"}) {
      body.put(can, true);
    }
    body.putObject("urls")
        .put("sobject", path)
        .put("describe", path + "/describe")
        .put("rowTemplate", path + "/{ID}");
    return body;
  }

  static ObjectNode object(ObjectType type, String version) {
    ObjectNode body = summary(type, version);
    ArrayNode fields = body.putArray("fields");
    for (Field field : type.fields()) {
      ObjectNode each = fields.addObject();
      each.put("name", field.name())
          .put("label", field.name())
          .put("type", type(field))
          .put("nillable", !field.required())
          .put("externalId", field.isExternalId())
          .put("custom", field.name().endsWith("__c"))
          .put("createable", true)
          .put("updateable", true);
      ArrayNode targets = each.putArray("referenceTo");
      field.referenceTo().forEach(targets::add);
      if (field.isReference()) {
        each.put("relationshipName", field.relationship());
      } else {
        each.putNull("relationshipName");
      }
      each.putArray("picklistValues");
    }
    ArrayNode children = body.putArray("childRelationships");
    for (Children child : type.children()) {
      children
          .addObject()
          .put("childSObject", child.object())
          .put("field", child.field())
          .put("relationshipName", child.name());
    }
    body.putArray("recordTypeInfos");
    return body;
  }

  private static String type(Field field) {
    return field.isExternalId() ? "string" : field.type();
  }
}
