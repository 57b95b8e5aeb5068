// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Action;
import dev.bailiwick.connector.BodyUse;
import dev.bailiwick.connector.FieldUse;
import dev.bailiwick.connector.JsonValue;
import dev.bailiwick.connector.Operation;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a request addresses, found from its head.
 *
 * @param body whether the body has to be read
 * @param reader names the operations; given JSON null when the body does not have to be read
 * @param answer how an answer from there has to be treated
 */
record Resource(BodyUse body, Function<JsonValue, List<Operation>> reader, Answer answer) {

  /** Kinds of answers. */
  enum Answer {
    /** Records and what describes them; other parts of a composite request can refer to them. */
    RECORDS,
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
    return new Resource(BodyUse.NONE, body -> footprint.get().operations(), answer);
  }

  static Resource withBody(Answer answer, Function<JsonValue, List<Operation>> reader) {
    return new Resource(BodyUse.READ, reader, answer);
  }

  /** One operation that touches no fields and takes no body. */
  static Resource single(Call call, String family, String object, Action action) {
    call.parameters().requireNoMore();
    return new Resource(BodyUse.NONE, body -> one(call, family, object, action), Answer.JSON);
  }

  Resource answeringWith(Answer other) {
    return new Resource(body, reader, other);
  }

  /** Code that is run with whatever the body holds. */
  static Resource execution(Call call, String family, String object) {
    return new Resource(
        BodyUse.STREAM, body -> one(call, family, object, Action.EXECUTE), Answer.JSON);
  }

  private static List<Operation> one(Call call, String family, String object, Action action) {
    return List.of(new Operation(family, object, action, FieldUse.none(), call.where()));
  }
}
