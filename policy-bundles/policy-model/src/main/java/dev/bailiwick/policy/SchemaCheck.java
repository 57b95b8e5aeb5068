// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/**
 * Holds a document against a JSON Schema and says in sentences what does not fit. The schema's
 * {@code title} of a value is a noun phrase, so that a sentence can end with what was expected.
 * Thread-safe.
 */
final class SchemaCheck {
  private final Schema schema;

  private SchemaCheck(Schema schema) {
    this.schema = schema;
  }

  /** Loads a schema that lies beside this class. */
  static SchemaCheck resource(String name) {
    try (InputStream in = SchemaCheck.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no schema " + name);
      }
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(in, InputFormat.JSON);
      schema.initializeValidators();
      return new SchemaCheck(schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void check(Located document, Problems problems) {
    Set<String> said = new HashSet<>();
    for (Error error : schema.validate(document.json())) {
      Located value = find(document, error.getInstanceLocation());
      switch (error.getKeyword()) {
        case "additionalProperties" ->
            problems.atKey(value, error.getProperty(), unknownKey(error));
        case "propertyNames" ->
            problems.atKey(
                value,
                error.getProperty(),
                Located.quote(error.getProperty())
                    + " is not a name here; expected "
                    + title(error.getSchemaNode()));
        case "required" -> missingKey(value, error, problems);
        case "uniqueItems" -> repeated(value, problems);
        default -> {
          if (said.add(value.path()) && !value.incomplete()) {
            problems.at(value, "found " + value.found() + "; expected " + expected(value, error));
          }
        }
      }
    }
  }

  private static Located find(Located document, NodePath path) {
    Located value = document;
    for (int i = 0; i < path.getNameCount(); i++) {
      value =
          path.getElement(i) instanceof Integer index
              ? value.items().get(index)
              : value.member(path.getName(i)).orElse(value);
    }
    return value;
  }

  private String unknownKey(Error error) {
    List<String> known = new ArrayList<>(parent(error).path("properties").propertyNames());
    String found = error.getProperty();
    String guess = Suggestion.didYouMean(found, known);
    return "unknown key "
        + Located.quote(found)
        + (guess.isEmpty() ? "; expected one of " + String.join(", ", known) : guess);
  }

  private void missingKey(Located value, Error error, Problems problems) {
    String key = error.getProperty();
    JsonNode known = parent(error).path("properties");
    boolean misspelt =
        value.members().keySet().stream()
            .filter(name -> !known.has(name))
            .anyMatch(name -> Suggestion.didYouMean(name, List.of(key)).contains(key));
    if (value.incomplete() || misspelt) {
      problems.settle(Located.below(value.path(), key)); // said already, in better words
      return;
    }
    JsonNode property = known.path(key);
    problems.at(
        value.place(),
        Located.below(value.path(), key),
        "the key " + key + " is missing: " + property.path("description").asString());
  }

  private static void repeated(Located list, Problems problems) {
    Set<JsonNode> seen = new HashSet<>();
    for (Located item : list.items()) {
      if (!seen.add(item.json())) {
        problems.at(item, item.found() + " stands in this list a second time");
      }
    }
  }

  private String expected(Located value, Error error) {
    JsonNode parent = parent(error);
    JsonNode rule = error.getSchemaNode();
    return switch (error.getKeyword()) {
      case "const" -> rule.asString();
      case "maxItems" -> "at most " + rule.asString() + " entries";
      case "maxLength" -> "at most " + rule.asString() + " characters";
      case "enum" -> {
        List<String> words = rule.valueStream().map(JsonNode::asString).toList();
        String found = value.text();
        yield oneOf(words) + (found == null ? "" : Suggestion.didYouMean(found, words));
      }
      default -> {
        String title = title(parent);
        yield title.isEmpty() ? kind(rule) : title;
      }
    };
  }

  private static String kind(JsonNode type) {
    return switch (type.asString("")) {
      case "object" -> "a mapping";
      case "array" -> "a list";
      case "boolean" -> "true or false";
      case "integer" -> "a whole number";
      case "string" -> "text";
      default -> "something else";
    };
  }

  private static String oneOf(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : words.subList(0, words.size() - 1).stream().collect(Collectors.joining(", "))
            + " or "
            + words.getLast();
  }

  /** The schema that the failed keyword stands in. */
  private JsonNode parent(Error error) {
    String location = error.getSchemaLocation().toString();
    String pointer = location.substring(location.indexOf('#') + 1);
    return schema.getSchemaNode().at(JsonPointer.compile(pointer).head());
  }

  private String title(JsonNode node) {
    JsonNode reference = node.path("$ref");
    JsonNode titled =
        reference.isString()
            ? schema.getSchemaNode().at(reference.stringValue().substring(1))
            : node;
    return titled.path("title").asString();
  }
}
