// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonNull;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.salesforce.Call.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The paths below {@code /composite}: requests that hold other requests, or many records. Each part
 * is read by the same grammar as a request of its own, and says in its operations where it stands.
 */
final class Composites {
  private static final int MOST_PARTS = 25;
  private static final int MOST_GRAPH_PARTS = 500;
  private static final int LONGEST_URL = 16_384;
  private static final String DATA = "/services/data/";
  private static final Set<String> METHODS = Set.of("GET", "POST", "PATCH", "PUT", "DELETE");

  private final DataApi api;

  Composites(DataApi api) {
    this.api = api;
  }

  /**
   * @param call with the path below {@code composite}
   */
  Resource resource(Call call) {
    if (call.ends()) {
      return compound(call, body -> composite(body));
    }
    Call below = call.below();
    return switch (call.segment(0)) {
      case "batch" -> compound(atEnd(below), body -> batch(body));
      case "graph" -> compound(atEnd(below), body -> graphs(body));
      case "tree" -> RecordTree.resource(below);
      case "sobjects" -> RecordCollections.resource(below, api.options());
      default -> throw call.unknownPath();
    };
  }

  private static Call atEnd(Call call) {
    if (!call.ends()) {
      throw call.unknownPath();
    }
    return call;
  }

  private static Resource compound(Call call, Function<JsonValue, Reading> reader) {
    call.require("POST");
    call.parameters().requireNoMore();
    return Resource.compound(reader);
  }

  private Reading composite(JsonValue body) {
    Members members = Members.of(body, "the body");
    members.ignore("allOrNone", "collateSubrequests");
    List<JsonValue> parts = members.requireItems("compositeRequest", MOST_PARTS);
    members.requireNoMore();
    return parts(parts, Setting.COMPOSITE, "compositeRequest");
  }

  private Reading graphs(JsonValue body) {
    Members members = Members.of(body, "the body");
    List<JsonValue> graphs = members.requireItems("graphs", MOST_GRAPH_PARTS);
    members.requireNoMore();
    List<Reading> read = new ArrayList<>();
    int left = MOST_GRAPH_PARTS;
    for (int i = 0; i < graphs.size(); i++) {
      String where = "graphs[" + i + "]";
      Members graph = Members.of(graphs.get(i), where);
      graph.requireText("graphId");
      List<JsonValue> parts = graph.requireItems("compositeRequest", left);
      graph.requireNoMore();
      left -= parts.size();
      read.add(parts(parts, Setting.GRAPH, where + ".compositeRequest"));
    }
    return Reading.all(read);
  }

  private Reading batch(JsonValue body) {
    Members members = Members.of(body, "the body");
    members.ignore("haltOnError");
    List<JsonValue> parts = members.requireItems("batchRequests", MOST_PARTS);
    members.requireNoMore();
    return parts(parts, Setting.BATCH, "batchRequests");
  }

  private Reading parts(List<JsonValue> parts, Setting setting, String list) {
    References references = References.none();
    List<Reading> read = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      JsonValue part = parts.get(i);
      String where = list + "[" + i + "]";
      read.add(
          placed(
              where,
              () ->
                  setting == Setting.BATCH
                      ? batchPart(part, where)
                      : compositePart(part, setting, references, where)));
    }
    return Reading.all(read);
  }

  private Reading compositePart(
      JsonValue part, Setting setting, References references, String where) {
    Members members = Members.of(part, "the part");
    String method = members.requireText("method");
    String url = members.requireText("url");
    String name = members.requireText("referenceId");
    JsonValue body = members.take("body").orElse(new JsonNull());
    members.take("httpHeaders").ifPresent(PartHeaders::require);
    members.requireNoMore();
    if (!url.startsWith(DATA)) {
      throw MalformedRequestException.forbidden("the url of a part must start with " + DATA);
    }
    Resource resource = api.part(requireMethod(method), target(url), setting, references, where);
    Reading reading = read(resource, body);
    references.add(name, resource.hasRecords());
    return reading;
  }

  private Reading batchPart(JsonValue part, String where) {
    Members members = Members.of(part, "the part");
    String method = members.requireText("method");
    String url = members.requireText("url");
    JsonValue body = members.take("richInput").orElse(new JsonNull());
    members.requireNoMore();
    if (!url.startsWith("v")) {
      throw MalformedRequestException.forbidden(
          "the url of a part must start with its version, such as v66.0/");
    }
    return read(
        api.part(
            requireMethod(method), target(DATA + url), Setting.BATCH, References.none(), where),
        body);
  }

  private static Reading read(Resource resource, JsonValue body) {
    boolean empty = body instanceof JsonNull;
    if (resource.body() == BodyUse.NONE && !empty) {
      throw MalformedRequestException.body(
          "the part has a body, which has no meaning there: leave it out");
    }
    return resource.reader().apply(body);
  }

  private static String requireMethod(String method) {
    if (!METHODS.contains(method)) {
      throw MalformedRequestException.unknown(
          "the method of a part is not one of GET, POST, PATCH, PUT and DELETE");
    }
    return method;
  }

  /** Reads the URL of a part like one on a request line, but with the marks of references raw. */
  private static RequestTarget target(String url) {
    if (url.length() > LONGEST_URL) {
      throw MalformedRequestException.tooLarge(
          "the url of a part is longer than " + LONGEST_URL + " characters");
    }
    int question = url.indexOf('?');
    String path = question < 0 ? url : url.substring(0, question);
    @Nullable String query = question < 0 ? null : url.substring(question + 1);
    String encoded =
        path.replace("{", "%7B").replace("}", "%7D").replace("[", "%5B").replace("]", "%5D");
    RequestTarget target = RequestTarget.parseKeepingLineBreaks(encoded, query);
    return target.requireNoLineBreaks(DataApi.mayBreakLines(target));
  }

  private static Reading placed(String where, Supplier<Reading> reading) {
    try {
      return reading.get();
    } catch (MalformedRequestException e) {
      throw e.at(where);
    }
  }
}
