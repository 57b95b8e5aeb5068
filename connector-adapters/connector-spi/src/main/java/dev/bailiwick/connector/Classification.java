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
public record Classification<C>(BodyUse bodyUse, BodyReader<C> reader) {
  private static final byte[] NO_BODY = {};

  /** Understands a request whose body is there. */
  @FunctionalInterface
  public interface BodyReader<C> {
    /**
     * Reads a body.
     *
     * @param limits what it may cost
     * @throws MalformedRequestException when the body cannot be accounted for
     */
    C read(byte[] body, BodyLimits limits);
  }

  public Classification {
    Objects.requireNonNull(bodyUse, "bodyUse");
    Objects.requireNonNull(reader, "reader");
  }

  /** The head says everything, and a body has no meaning. */
  public static <C> Classification<C> withoutBody(C call) {
    return new Classification<>(BodyUse.NONE, (body, limits) -> call);
  }

  /** The head says everything; the body goes through as it is. */
  public static <C> Classification<C> streaming(C call) {
    return new Classification<>(BodyUse.STREAM, (body, limits) -> call);
  }

  /**
   * What the request does depends on its body, too.
   *
   * @param reader throws {@link MalformedRequestException} for a body that it does not understand
   */
  public static <C> Classification<C> reading(BodyReader<C> reader) {
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
    return reading((body, limits) -> reader.apply(JsonBody.parse(body, limits)));
  }

  /** As {@link #call(byte[], BodyLimits)}, within the usual limits. */
  public C call(byte[] body) {
    return call(body, BodyLimits.defaults());
  }

  /**
   * The request, understood whole.
   *
   * @param body the whole body as far as it is there
   * @param limits what it may cost to read
   * @throws MalformedRequestException when the body cannot be accounted for
   */
  public C call(byte[] body, BodyLimits limits) {
    if (bodyUse == BodyUse.NONE && body.length > 0) {
      throw MalformedRequestException.body("the operation takes no body here: send none");
    }
    return reader.read(bodyUse == BodyUse.READ ? body : NO_BODY, limits);
  }

  /** The same with a request that becomes something else. */
  public <D> Classification<D> map(Function<? super C, ? extends D> step) {
    return new Classification<>(bodyUse, (body, limits) -> step.apply(reader.read(body, limits)));
  }
}
