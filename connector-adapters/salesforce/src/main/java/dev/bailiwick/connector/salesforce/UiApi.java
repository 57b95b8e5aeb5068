// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.DESCRIBE;
import static dev.bailiwick.connector.salesforce.Footprint.UI_API;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.JsonValue.JsonObject;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import dev.bailiwick.connector.salesforce.Footprint.Touched;
import dev.bailiwick.connector.salesforce.Footprint.Use;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The paths below {@code /ui-api}. A record's URL does not name its object: where the id's prefix
 * does not tell it either, the operation is on {@code ui-api/records}, which is any record at all.
 */
final class UiApi {
  private static final String RECORDS = "records";

  private final Call call;
  private final SalesforceOptions options;

  private UiApi(Call call, SalesforceOptions options) {
    this.call = call;
    this.options = options;
  }

  /**
   * @param call with the path below {@code ui-api}
   */
  static Resource resource(Call call, SalesforceOptions options) {
    if (call.ends()) {
      throw call.unknownPath();
    }
    UiApi uiApi = new UiApi(call.below(), options);
    return switch (call.segment(0)) {
      case "records" -> uiApi.records();
      case "record-ui" -> uiApi.layouts();
      case "object-info" -> uiApi.objectInfo();
      default -> throw call.unknownPath();
    };
  }

  private Resource records() {
    if (call.ends()) {
      call.require("POST");
      call.parameters().requireNoMore();
      return Resource.withBody(Answer.JSON, this::create);
    }
    if (call.depth() == 2 && call.segment(0).equals("batch")) {
      return read(call.segment(1));
    }
    if (call.depth() != 1 || !call.isId(call.segment(0))) {
      throw call.unknownPath();
    }
    String id = call.segment(0);
    return switch (call.verb()) {
      case "GET" -> read(id);
      case "PATCH" -> {
        call.parameters().requireNoMore();
        yield Resource.withBody(Answer.JSON, body -> update(body, options.objectOf(id)));
      }
      case "DELETE" -> {
        call.parameters().requireNoMore();
        yield Resource.withoutBody(
            Answer.JSON,
            () -> {
              Footprint footprint = call.footprint();
              touched(footprint, options.objectOf(id), Action.DELETE);
              return footprint;
            });
      }
      default -> throw call.wrongVerb();
    };
  }

  /**
   * With a list of fields the answer shows nothing else, and each field names its object. Without
   * one it shows what the page layouts show.
   */
  private Resource read(String ids) {
    call.require("GET");
    RowSet records = new RowSet(RowBound.of(requireIds(ids)));
    List<String> lists = new ArrayList<>();
    call.parameters().take("fields").ifPresent(lists::add);
    call.parameters().take("optionalFields").ifPresent(lists::add);
    Optional<String> layouts = call.parameters().take("layoutTypes");
    call.parameters().ignore("modes").requireNoMore();
    Footprint footprint = call.footprint();
    if (lists.isEmpty() || layouts.isPresent()) {
      footprint.on(UI_API, RECORDS, Action.READ).all().shows(records);
    }
    for (List<String> path : Records.paths(lists)) {
      if (path.size() < 2) {
        throw MalformedRequestException.unknown(
            "a field does not name its object, as in Account.Name");
      }
      Rows.of(footprint, path.getFirst(), records).field(path.subList(1, path.size()), Use.READ);
    }
    return Resource.withoutBody(Answer.JSON, () -> footprint);
  }

  private Resource layouts() {
    call.require("GET");
    if (call.depth() != 1) {
      throw call.unknownPath();
    }
    RowBound records = RowBound.of(requireIds(call.segment(0)));
    call.parameters()
        .ignore("layoutTypes", "modes", "formFactor", "optionalFields")
        .requireNoMore();
    Footprint footprint = call.footprint();
    footprint.on(UI_API, RECORDS, Action.READ).all().shows(records);
    return Resource.withoutBody(Answer.JSON, () -> footprint);
  }

  private List<Operation> create(JsonValue body) {
    Members members = Members.of(body, "the body");
    String object = ApiName.object(members.requireText("apiName"));
    JsonObject fields = members.requireObject("fields");
    members.ignore("allowSaveOnDuplicate").requireNoMore();
    Footprint footprint = call.footprint();
    Touched create = footprint.onObject(object, Action.CREATE);
    Records.write(fields, Rows.of(footprint, object, RowBound.none()), Set.of(), List.of(create));
    footprint.onObject(object, Action.READ).all().shows(RowBound.one());
    return footprint.operations();
  }

  private List<Operation> update(JsonValue body, Optional<String> object) {
    Members members = Members.of(body, "the body");
    JsonObject fields = members.requireObject("fields");
    members.ignore("allowSaveOnDuplicate").requireNoMore();
    Footprint footprint = call.footprint();
    Touched update = touched(footprint, object, Action.UPDATE);
    if (fields.members().values().stream().anyMatch(JsonObject.class::isInstance)) {
      throw MalformedRequestException.unknown("a nested record is not known here");
    }
    Records.write(fields, Rows.of(footprint, "record", RowBound.none()), Set.of(), List.of(update));
    // The answer shows the record as the page layouts do.
    touched(footprint, object, Action.READ).all().shows(RowBound.one());
    return footprint.operations();
  }

  private static Touched touched(Footprint footprint, Optional<String> object, Action action) {
    return object
        .map(name -> footprint.onObject(name, action))
        .orElseGet(() -> footprint.on(UI_API, RECORDS, action));
  }

  private Resource objectInfo() {
    call.require("GET");
    boolean several = call.depth() == 2 && call.segment(0).equals("batch");
    boolean picklist = call.depth() >= 3 && call.segment(1).equals("picklist-values");
    if (!(call.depth() == 1 || several || (picklist && call.depth() <= 4))) {
      throw call.unknownPath();
    }
    call.path().subList(1, call.depth()).stream()
        .filter(segment -> picklist && !segment.equals("picklist-values"))
        .forEach(segment -> ApiName.of("x" + segment, "a record type or field"));
    call.parameters().requireNoMore();
    Footprint footprint = call.footprint();
    for (String name : (several ? call.segment(1) : call.segment(0)).split(",", -1)) {
      footprint.on(DESCRIBE, ApiName.object(name), Action.READ).shows(RowBound.none());
    }
    return Resource.withoutBody(Answer.JSON, () -> footprint);
  }

  /** How many records a list of ids names. */
  private int requireIds(String list) {
    List<String> ids = List.of(list.split(",", -1));
    if (!ids.stream().allMatch(call::isId)) {
      throw call.unknownPath();
    }
    return ids.size();
  }
}
