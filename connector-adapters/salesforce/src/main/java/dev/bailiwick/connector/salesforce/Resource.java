// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.RowBound;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a request addresses, found from its head.
 *
 * @param body whether the body has to be read
 * @param reader tells what the request does; given JSON null when the body does not have to be read
 * @param answer how an answer from there has to be treated
 */
record Resource(BodyUse body, Function<JsonValue, Reading> reader, Answer answer) {

  /** Kinds of answers. */
  enum Answer {
    /** Records and what describes them; other parts of a composite request can refer to them. */
    RECORDS,
    /** As {@link #RECORDS}, with locators of the rows that are still to come. */
    QUERY,
    /** A bulk job that was made. */
    JOB,
    /** Other JSON. */
    JSON,
    /** JSON in which every value may be a link. */
    INDEX,
    /** JSON with an answer of its own for each part. */
    COMPOUND,
    /** Whatever the customer's files or code produce. */
    OPAQUE
  }

  /** A resource that takes no body, and whose operations are read only when asked for. */
  static Resource withoutBody(Answer answer, Supplier<Footprint> footprint) {
    return new Resource(
        BodyUse.NONE, body -> Reading.of(footprint.get().operations(), answer), answer);
  }

  static Resource withBody(Answer answer, Function<JsonValue, List<Operation>> reader) {
    return new Resource(BodyUse.READ, body -> Reading.of(reader.apply(body), answer), answer);
  }

  /** A resource with other requests in it. */
  static Resource compound(Function<JsonValue, Reading> reader) {
    return new Resource(BodyUse.READ, reader, Answer.COMPOUND);
  }

  /** A resource that goes on with what a handle stands for, and does nothing else. */
  static Resource using(Handle handle, BodyUse body, Answer answer) {
    return new Resource(body, read -> Reading.using(handle), answer);
  }

  /** One operation that touches no fields, shows no records and takes no body. */
  static Resource single(Call call, String family, String object, Action action) {
    call.parameters().requireNoMore();
    return new Resource(
        BodyUse.NONE, body -> Reading.of(one(call, family, object, action)), Answer.JSON);
  }

  Resource answeringWith(Answer other) {
    return new Resource(body, reader, other);
  }

  /** Code that is run with whatever the body holds. */
  static Resource execution(Call call, String family, String object) {
    return new Resource(
        BodyUse.STREAM, body -> Reading.of(one(call, family, object, Action.EXECUTE)), Answer.JSON);
  }

  /** Whether other parts of a composite request can refer to records in the answer. */
  boolean hasRecords() {
    return answer == Answer.RECORDS || answer == Answer.QUERY;
  }

  private static List<Operation> one(Call call, String family, String object, Action action) {
    return List.of(
        new Operation(family, object, action, FieldUse.none(), RowBound.none(), call.where()));
  }
}
