// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import dev.bailiwick.connector.RequestTarget;
import dev.bailiwick.connector.RowBound;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The query parameters of one request, of which every one must be accounted for. Not thread-safe.
 */
final class Parameters {
  /** Parameters that authenticate at Salesforce; the connector removes them from a request. */
  static final List<String> CREDENTIALS = List.of("sid", "oauth_token", "access_token");

  private final RequestTarget target;
  private final Set<String> known = new HashSet<>();

  private Parameters(RequestTarget target) {
    this.target = target;
  }

  /** Those of the request itself. */
  static Parameters of(RequestTarget target) {
    Parameters parameters = new Parameters(target);
    parameters.known.addAll(CREDENTIALS);
    return parameters;
  }

  /** Those of a part of a compound request, whose text is sent as it is. */
  static Parameters ofPart(RequestTarget target) {
    for (RequestTarget.Parameter parameter : target.parameters()) {
      if (parameter.name().contains("@{") || parameter.value().contains("@{")) {
        throw MalformedRequestException.forbidden(
            "a reference stands in a query, where its value could change the meaning: references"
                + " belong in record ids and in values of a body");
      }
    }
    return new Parameters(target);
  }

  /**
   * The value of a parameter that can be given once.
   *
   * @throws MalformedRequestException of kind {@link Kind#TARGET} when it is repeated, in whatever
   *     case
   */
  Optional<String> take(String name) {
    known.add(name.toLowerCase(Locale.ROOT));
    return target.single(name);
  }

  /** As {@link #take}, for a parameter that must be there. */
  String require(String name) {
    return take(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(
            () -> MalformedRequestException.unknown("the query parameter " + name + " is missing"));
  }

  /** The limit of rows that a parameter sets. */
  RowBound rows(String name) {
    return RowBound.written(take(name).orElse(""), name + "=#");
  }

  /** Every value of a parameter that can be repeated, but not written in another case. */
  List<String> takeAll(String name) {
    List<String> values = target.values(name);
    long written =
        target.parameters().stream()
            .filter(parameter -> parameter.name().equalsIgnoreCase(name))
            .count();
    if (written != values.size()) {
      throw MalformedRequestException.unknown(
          "the query parameter " + name + " is written in another case");
    }
    known.add(name.toLowerCase(Locale.ROOT));
    return values;
  }

  /** Takes parameters that change nothing about what is read or written. */
  Parameters ignore(String... names) {
    for (String name : names) {
      take(name);
    }
    return this;
  }

  /** Denies a request with a parameter that nobody asked for. */
  void requireNoMore() {
    for (RequestTarget.Parameter parameter : target.parameters()) {
      if (!known.contains(parameter.name().toLowerCase(Locale.ROOT))) {
        throw MalformedRequestException.unknown(
            "the query parameter "
                + (ApiName.isName(parameter.name()) ? parameter.name() : "with an unusual name")
                + " is not one that this resource is known to take: leave it out");
      }
    }
  }
}
