// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.servicenow;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.Classification;
import dev.bailiwick.connector.ConnectorRequest;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Headers;
import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MediaType;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RequestTarget.Parameter;
import dev.bailiwick.connector.RowBound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Files at records: {@code /api/now/attachment[/<sys_id>[/file]]}, and {@code POST
 * /api/now/attachment/file} to add one. The path of a file does not say whose it is, so reading and
 * deleting one needs a scope for the files of every table; adding one names the table and needs to
 * update that, too.
 */
final class AttachmentFamily implements Family {
  private static final String FAMILY = "attachment";
  private static final String TABLE_NAME = "table_name";
  private static final String RECORD = "table_sys_id";
  private static final String FILE_NAME = "file_name";

  private static final Map<String, Pattern> UPLOAD =
      Map.of(
          TABLE_NAME, Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,79}"),
          RECORD, Pattern.compile("[0-9a-fA-F]{32}"),
          FILE_NAME, Pattern.compile("[^/\\\\]{1,255}"));
  private static final Map<String, Pattern> LIST =
      Map.of(
          "sysparm_query",
          KnownParameters.ANY,
          KnownParameters.LIMIT,
          KnownParameters.NUMBER,
          "sysparm_offset",
          KnownParameters.NUMBER,
          "sysparm_suppress_pagination_header",
          KnownParameters.FLAG);

  /** Bodies in which a servlet container finds further parameters. */
  private static final Set<String> FORMS =
      Set.of("multipart/form-data", "application/x-www-form-urlencoded");

  private enum Act {
    LIST,
    METADATA,
    DOWNLOAD,
    UPLOAD,
    DELETE
  }

  @Override
  public boolean owns(ApiPath path) {
    return path.isNow(FAMILY);
  }

  private static Act act(String method, ApiPath path) {
    boolean get = method.equals("GET");
    if (path.hasLength(1) && get) {
      return Act.LIST;
    }
    if (path.hasLength(2) && path.rest().get(1).equals("upload")) {
      throw MalformedRequestException.unknown(
          "attachment uploads by form are denied, since the form names the table:"
              + " send the file itself to /api/now/attachment/file");
    }
    if (path.hasLength(2) && path.rest().get(1).equals("file")) {
      if (method.equals("POST")) {
        return Act.UPLOAD;
      }
    } else if (path.hasLength(2) && (get || method.equals("DELETE"))) {
      var unused = path.sysId(1);
      return get ? Act.METADATA : Act.DELETE;
    } else if (path.hasLength(3) && path.rest().get(2).equals("file") && get) {
      var unused = path.sysId(1);
      return Act.DOWNLOAD;
    }
    throw MalformedRequestException.unknown(
        "expected GET or DELETE of /api/now/attachment/<sys_id>, GET of /<sys_id>/file, or POST of"
            + " /api/now/attachment/file");
  }

  @Override
  public Classification<Call> classify(ConnectorRequest head, ApiPath path) {
    RequestTarget target = head.target();
    Act act = act(head.method(), path);
    switch (act) {
      case LIST -> KnownParameters.check(target, LIST, "listing attachments");
      case UPLOAD -> KnownParameters.check(target, UPLOAD, "adding an attachment");
      case METADATA, DOWNLOAD, DELETE -> KnownParameters.check(target, Map.of(), "an attachment");
    }
    Reply metadata = Reply.json("result/download_link");
    return switch (act) {
      case LIST -> answered(metadata, target, listing(target));
      case METADATA -> answered(metadata, target, one("metadata", FieldUse.all()));
      case DOWNLOAD -> answered(new Reply.File(), target, one("file", FieldUse.none()));
      case DELETE -> answered(metadata, target, of("file", Action.DELETE, FieldUse.none()));
      case UPLOAD -> {
        requireFile(head.headers());
        yield Classification.streaming(upload(target).answeredBy(metadata));
      }
    };
  }

  private static void requireFile(Headers headers) {
    MediaType type = MediaType.of(headers);
    if (type.essence().isEmpty() || FORMS.contains(type.essence())) {
      throw MalformedRequestException.mediaType(
          "an attachment needs the Content-Type of its file, and a form is none: a form could name"
              + " another table");
    }
  }

  private static Classification<Call> answered(
      Reply reply, RequestTarget target, List<Operation> operations) {
    return Classification.withoutBody(Call.of(operations, target).answeredBy(reply));
  }

  private static List<Operation> listing(RequestTarget target) {
    Set<FieldName> filtered =
        target
            .single("sysparm_query")
            .map(query -> EncodedQuery.parse(query).fields())
            .orElse(Set.of());
    TableUse use =
        new TableUse(
            "sys_attachment", Set.of(), filtered, Set.of(), true, KnownParameters.rows(target));
    List<Operation> operations = new ArrayList<>();
    operations.add(
        Operation.of(FAMILY, "metadata", Action.READ, use.reading().fields()).withRows(use.rows()));
    operations.addAll(use.walks());
    return operations;
  }

  private static Call upload(RequestTarget target) {
    String table = ApiPath.table(required(target, TABLE_NAME));
    TableUse record = new TableUse(table, Set.of(), Set.of(), Set.of(), false, RowBound.none());
    List<Parameter> sent =
        List.of(
            new Parameter(TABLE_NAME, table),
            new Parameter(RECORD, required(target, RECORD)),
            new Parameter(FILE_NAME, required(target, FILE_NAME)));
    return Call.of(
        List.of(
            Operation.of(FAMILY, "file", Action.CREATE, FieldUse.none()),
            record.writing(Action.UPDATE)),
        new RequestTarget(target.segments(), sent, false));
  }

  private static String required(RequestTarget target, String name) {
    return target
        .single(name)
        .orElseThrow(
            () ->
                MalformedRequestException.unknown(
                    "adding an attachment needs the parameter " + name));
  }

  private static List<Operation> one(String object, FieldUse fields) {
    return List.of(Operation.of(FAMILY, object, Action.READ, fields).withRows(RowBound.one()));
  }

  private static List<Operation> of(String object, Action verb, FieldUse fields) {
    return List.of(Operation.of(FAMILY, object, verb, fields));
  }
}
