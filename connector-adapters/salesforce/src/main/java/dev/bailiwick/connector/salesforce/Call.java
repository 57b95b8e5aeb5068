// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.MalformedRequestException;
import java.util.List;

/**
 * One request to the data API: the request itself, or a part of a compound one.
 *
 * @param verb what is done: the method, or what {@code _HttpMethod} put in its place. HEAD is GET.
 * @param path the segments that are still to be read, below the API version
 * @param references what a reference in the path may name
 * @param where where in a compound request this part stands; empty for the request itself
 */
record Call(
    String verb,
    List<String> path,
    Parameters parameters,
    Setting setting,
    References references,
    String where) {

  /** What a request is part of. */
  enum Setting {
    ITSELF,
    COMPOSITE,
    GRAPH,
    BATCH
  }

  Call {
    path = List.copyOf(path);
  }

  /** This call with its first segment read. */
  Call below() {
    return new Call(verb, path.subList(1, path.size()), parameters, setting, references, where);
  }

  int depth() {
    return path.size();
  }

  String segment(int index) {
    return path.get(index);
  }

  boolean is(String wanted) {
    return verb.equals(wanted);
  }

  /** The end of the path is reached. */
  boolean ends() {
    return path.isEmpty();
  }

  Footprint footprint() {
    return new Footprint(where);
  }

  /** The footprint of one part inside this call. */
  Footprint footprint(String part) {
    return new Footprint(where.isEmpty() ? part : where + "." + part);
  }

  /** Whether a segment is a record id, or a reference that can only become one. */
  boolean isId(String segment) {
    if (References.isReference(segment)) {
      references.requireId(segment);
      return true;
    }
    return RecordId.is(segment);
  }

  /** Denies every verb but this one. */
  void require(String wanted) {
    if (!is(wanted)) {
      throw wrongVerb();
    }
  }

  RuntimeException wrongVerb() {
    return MalformedRequestException.unknown(
        "this resource is not known to take the method " + verb);
  }

  RuntimeException unknownPath() {
    return MalformedRequestException.unknown(
        "this path of the data API is not known to this connector: see its table of operations");
  }
}
