// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import java.util.Objects;
import java.util.function.Function;

/**
 * What the head of a request says. Immutable; thread-safe as far as the reader is.
 *
 * @param bodyUse whether the body is still needed
 * @param reader understands the request, given the body; given no bytes unless it is needed
 * @param <C> what the request becomes
 */
public record Classification<C>(BodyUse bodyUse, Function<byte[], C> reader) {
  private static final byte[] NO_BODY = {};

  public Classification {
    Objects.requireNonNull(bodyUse, "bodyUse");
    Objects.requireNonNull(reader, "reader");
  }

  /** The head says everything, and a body has no meaning. */
  public static <C> Classification<C> withoutBody(C call) {
    return new Classification<>(BodyUse.NONE, body -> call);
  }

  /** The head says everything; the body goes through as it is. */
  public static <C> Classification<C> streaming(C call) {
    return new Classification<>(BodyUse.STREAM, body -> call);
  }

  /**
   * What the request does depends on its body, too.
   *
   * @param reader throws {@link MalformedRequestException} for a body that it does not understand
   */
  public static <C> Classification<C> reading(Function<byte[], C> reader) {
    return new Classification<>(BodyUse.READ, reader);
  }

  /**
   * As {@link #reading}, for a body that must be JSON.
   *
   * @param head the headers of the request
   * @throws MalformedRequestException when they do not announce JSON that can be read
   */
  public static <C> Classification<C> readingJson(Headers head, Function<JsonValue, C> reader) {
    JsonBody.requireJson(head);
    return reading(body -> reader.apply(JsonBody.parse(body, JsonBody.Limits.defaults())));
  }

  /**
   * The request, understood whole.
   *
   * @param body the whole body as far as it is there
   * @throws MalformedRequestException when the body cannot be accounted for
   */
  public C call(byte[] body) {
    if (bodyUse == BodyUse.NONE && body.length > 0) {
      throw MalformedRequestException.body("the operation takes no body here: send none");
    }
    return reader.apply(bodyUse == BodyUse.READ ? body : NO_BODY);
  }

  /** The same with a request that becomes something else. */
  public <D> Classification<D> map(Function<? super C, ? extends D> step) {
    return new Classification<>(bodyUse, body -> step.apply(reader.apply(body)));
  }
}
