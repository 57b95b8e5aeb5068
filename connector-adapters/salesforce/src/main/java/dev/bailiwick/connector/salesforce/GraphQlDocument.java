// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonArray;
import dev.bailiwick.connector.JsonValue.JsonBoolean;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.JsonValue.JsonNumber;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.JsonValue.JsonString;
import dev.bailiwick.connector.MalformedRequestException;
import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.BooleanValue;
import graphql.language.Directive;
import graphql.language.DirectivesContainer;
import graphql.language.Document;
import graphql.language.EnumValue;
import graphql.language.Field;
import graphql.language.FloatValue;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.IntValue;
import graphql.language.NullValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import graphql.parser.InvalidSyntaxException;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one operation of a GraphQL request, with fragments and variables resolved as it is read. Not
 * thread-safe.
 */
final class GraphQlDocument {
  private static final int LONGEST = 100_000;
  private static final int MOST_TOKENS = 10_000;
  private static final int DEEPEST = 60;
  private static final int MOST_FIELDS = 5_000;

  /** A fragment or a default can stand in many places, and its values count in each of them. */
  private static final int MOST_VALUES = 50_000;

  /** Directives that can only leave something out. */
  private static final Set<String> DIRECTIVES = Set.of("include", "skip");

  private static final ParserOptions OPTIONS =
      ParserOptions.newParserOptions()
          .maxCharacters(LONGEST)
          .maxTokens(MOST_TOKENS)
          .maxWhitespaceTokens(LONGEST)
          .maxRuleDepth(DEEPEST * 4)
          .captureIgnoredChars(false)
          .captureLineComments(false)
          .readerTrackData(false)
          .redactTokenParserErrorMessages(true)
          .build();

  private final OperationDefinition operation;
  private final Map<String, FragmentDefinition> fragments = new HashMap<>();
  private final JsonObject variables;
  private final Map<String, VariableDefinition> definitions = new HashMap<>();
  private final Budget values =
      new Budget(MOST_VALUES, "the GraphQL document holds more values than can be checked");
  private int fieldsLeft = MOST_FIELDS;

  /**
   * A field that is selected.
   *
   * @param on the type that a fragment around it names, if any
   */
  record Selected(Field field, Optional<String> on) {
    String name() {
      return field.getName();
    }

    boolean hasSelection() {
      return field.getSelectionSet() != null;
    }
  }

  private GraphQlDocument(Document document, JsonObject variables, Optional<String> name) {
    List<OperationDefinition> operations = document.getDefinitionsOfType(OperationDefinition.class);
    List<FragmentDefinition> shared = document.getDefinitionsOfType(FragmentDefinition.class);
    if (operations.size() != 1
        || document.getDefinitions().size() != operations.size() + shared.size()) {
      throw MalformedRequestException.unknown(
          "a GraphQL request holds one operation, and fragments");
    }
    this.operation = operations.getFirst();
    this.variables = variables;
    if (name.isPresent() && !name.get().equals(operation.getName())) {
      throw MalformedRequestException.body("operationName is not the name of the operation");
    }
    for (FragmentDefinition fragment : shared) {
      if (fragments.put(fragment.getName(), fragment) != null) {
        throw MalformedRequestException.body("the GraphQL document defines a fragment twice");
      }
      requireKnown(fragment);
    }
    requireKnown(operation);
    for (VariableDefinition variable : operation.getVariableDefinitions()) {
      if (definitions.put(variable.getName(), variable) != null) {
        throw MalformedRequestException.body("the GraphQL document defines a variable twice");
      }
    }
  }

  /** Reads the body of a GraphQL request. */
  static GraphQlDocument of(JsonValue body) {
    Members members = Members.of(body, "the body");
    String query = members.requireText("query");
    JsonObject variables =
        members
            .take("variables")
            .map(value -> Members.object(value, "variables"))
            .orElseGet(() -> new JsonObject(Map.of()));
    Optional<String> name = members.takeText("operationName");
    members.requireNoMore();
    return new GraphQlDocument(parse(query), variables, name);
  }

  private static Document parse(String query) {
    try {
      return Parser.parse(
          ParserEnvironment.newParserEnvironment().document(query).parserOptions(OPTIONS).build());
    } catch (InvalidSyntaxException e) {
      throw MalformedRequestException.body(
          "the GraphQL document cannot be read, or is longer or deeper than allowed");
    }
  }

  boolean isMutation() {
    return operation.getOperation() == OperationDefinition.Operation.MUTATION;
  }

  boolean isQuery() {
    return operation.getOperation() == OperationDefinition.Operation.QUERY;
  }

  List<Selected> root() {
    return flat(operation.getSelectionSet());
  }

  /** What is selected below a field; fragments replaced by what they hold. */
  List<Selected> below(Selected selected) {
    return flat(selected.field.getSelectionSet());
  }

  private List<Selected> flat(@Nullable SelectionSet selections) {
    List<Selected> fields = new ArrayList<>();
    if (selections != null) {
      flatten(selections, Optional.empty(), new HashSet<>(), fields);
    }
    return fields;
  }

  private void flatten(
      SelectionSet selections, Optional<String> on, Set<String> inside, List<Selected> into) {
    for (Selection<?> selection : selections.getSelections()) {
      if (--fieldsLeft < 0) {
        throw MalformedRequestException.tooLarge(
            "the GraphQL document selects more than can be checked");
      }
      switch (selection) {
        case Field field -> {
          requireKnown(field);
          into.add(new Selected(field, on));
        }
        case InlineFragment fragment -> {
          requireKnown(fragment);
          Optional<String> type =
              fragment.getTypeCondition() == null
                  ? on
                  : Optional.of(fragment.getTypeCondition().getName());
          flatten(fragment.getSelectionSet(), type, inside, into);
        }
        case FragmentSpread spread -> {
          requireKnown(spread);
          @Nullable FragmentDefinition fragment = fragments.get(spread.getName());
          if (fragment == null || !inside.add(spread.getName())) {
            throw MalformedRequestException.body(
                "a GraphQL fragment is not defined, or holds itself");
          }
          flatten(
              fragment.getSelectionSet(),
              Optional.of(fragment.getTypeCondition().getName()),
              inside,
              into);
          inside.remove(spread.getName());
        }
        default ->
            throw MalformedRequestException.unknown(
                "the GraphQL document selects something unknown");
      }
    }
  }

  private static void requireKnown(DirectivesContainer<?> node) {
    for (Directive directive : node.getDirectives()) {
      if (!DIRECTIVES.contains(directive.getName())) {
        throw MalformedRequestException.forbidden(
            "the GraphQL document holds a directive other than @include and @skip: leave it out");
      }
    }
  }

  /** The arguments of a field, variables filled in; those that are null or absent left out. */
  Map<String, JsonValue> arguments(Selected selected) {
    Map<String, JsonValue> arguments = new LinkedHashMap<>();
    for (Argument argument : selected.field.getArguments()) {
      JsonValue value = value(argument.getValue());
      if (arguments.put(argument.getName(), value) != null) {
        throw MalformedRequestException.body("a GraphQL argument is given twice");
      }
    }
    arguments.values().removeIf(JsonNull.class::isInstance);
    return arguments;
  }

  private JsonValue value(@Nullable Value<?> value) {
    values.spend(1);
    return switch (value) {
      case null -> new JsonNull();
      case NullValue nothing -> new JsonNull();
      case StringValue text -> new JsonString(Objects.requireNonNullElse(text.getValue(), ""));
      case EnumValue word -> new JsonString(word.getName());
      case BooleanValue flag -> new JsonBoolean(flag.isValue());
      case IntValue number -> new JsonNumber(number.getValue().toString());
      case FloatValue number -> new JsonNumber(number.getValue().toString());
      case ArrayValue list -> new JsonArray(list.getValues().stream().map(this::value).toList());
      case ObjectValue object -> object(object);
      case VariableReference reference -> variable(reference.getName());
      default ->
          throw MalformedRequestException.unknown(
              "the GraphQL document holds a value of an unknown kind");
    };
  }

  private JsonObject object(ObjectValue object) {
    Map<String, JsonValue> members = new LinkedHashMap<>();
    for (ObjectField field : object.getObjectFields()) {
      if (members.put(field.getName(), value(field.getValue())) != null) {
        throw MalformedRequestException.body("a GraphQL input object holds a field twice");
      }
    }
    return new JsonObject(members);
  }

  private JsonValue variable(String name) {
    @Nullable VariableDefinition definition = definitions.get(name);
    if (definition == null) {
      throw MalformedRequestException.body("a GraphQL variable is not defined");
    }
    // A default cannot hold variables, so this ends.
    return variables.member(name).orElseGet(() -> value(constant(definition.getDefaultValue())));
  }

  private static @Nullable Value<?> constant(@Nullable Value<?> value) {
    if (value instanceof VariableReference) {
      throw MalformedRequestException.body("the default of a GraphQL variable holds a variable");
    }
    return value;
  }
}
