// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.simulator.salesforce;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * The answers of earlier parts, and {@code @{part.field}} that stand for values in them. As at the
 * vendor a reference is filled in wherever it stands: in an object's name too.
 */
final class References {
  private static final Pattern FORM = Pattern.compile("@\\{([^}]*)}");
  private static final Pattern STEP = Pattern.compile("([^\\[]*)((?:\\[[0-9]{1,4}])*)");

  private final Map<String, JsonNode> answers = new HashMap<>();
  private final Set<String> failed = new HashSet<>();

  void add(String name, JsonNode answer, boolean good) {
    answers.put(name, answer);
    if (!good) {
      failed.add(name);
    }
  }

  String text(String text) {
    Matcher matcher = FORM.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          out, Matcher.quoteReplacement(value(matcher.group(1)).asString("")));
    }
    return matcher.appendTail(out).toString();
  }

  JsonNode body(JsonNode body) {
    return switch (body) {
      case StringNode text -> filled(text);
      case ObjectNode object -> {
        ObjectNode out = JsonMapper.shared().createObjectNode();
        object.properties().forEach(e -> out.set(text(e.getKey()), body(e.getValue())));
        yield out;
      }
      case ArrayNode array -> {
        ArrayNode out = JsonMapper.shared().createArrayNode();
        array.forEach(item -> out.add(body(item)));
        yield out;
      }
      default -> body;
    };
  }

  private JsonNode filled(StringNode text) {
    Matcher whole = FORM.matcher(text.stringValue());
    return whole.matches() ? value(whole.group(1)) : StringNode.valueOf(text(text.stringValue()));
  }

  private JsonNode value(String path) {
    String[] steps = path.split("\\.", -1);
    JsonNode at = MissingNode.getInstance();
    for (int i = 0; i < steps.length; i++) {
      Matcher step = STEP.matcher(steps[i]);
      if (!step.matches()) {
        throw unresolved(path);
      }
      if (i == 0 && failed.contains(step.group(1))) {
        throw new Problem(
            400, "PROCESSING_HALTED", "Invalid reference specified. " + path + " failed");
      }
      at = i == 0 ? answers.getOrDefault(step.group(1), at) : at.path(step.group(1));
      for (String index : step.group(2).replace("[", "").split("]", -1)) {
        at = index.isEmpty() ? at : at.path(Integer.parseInt(index));
      }
    }
    if (at.isMissingNode()) {
      throw unresolved(path);
    }
    return at;
  }

  private static Problem unresolved(String path) {
    return new Problem(
        400, "PROCESSING_HALTED", "Invalid reference specified. No value for " + path + " found");
  }
}
