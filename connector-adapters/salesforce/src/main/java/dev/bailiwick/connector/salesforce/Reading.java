// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import dev.bailiwick.connector.Handle;
import dev.bailiwick.connector.Operation;
import dev.bailiwick.connector.salesforce.Resource.Answer;
import java.util.List;

/**
 * What a request does.
 *
 * @param operations what it says itself
 * @param handedOn those of them that go on under locators or the job that the answer hands out
 * @param uses locators and jobs that it goes on with
 */
record Reading(List<Operation> operations, List<Operation> handedOn, List<Handle> uses) {
  Reading {
    operations = List.copyOf(operations);
    handedOn = List.copyOf(handedOn);
    uses = List.copyOf(uses);
  }

  /** A request that begins nothing. */
  static Reading of(List<Operation> operations) {
    return new Reading(operations, List.of(), List.of());
  }

  static Reading of(List<Operation> operations, Answer answer) {
    boolean begins = answer == Answer.QUERY || answer == Answer.JOB;
    return new Reading(operations, begins ? operations : List.of(), List.of());
  }

  /** A request that goes on with something. */
  static Reading using(Handle handle) {
    return new Reading(List.of(), List.of(), List.of(handle));
  }

  /** All parts of a compound request. */
  static Reading all(List<Reading> parts) {
    return new Reading(
        parts.stream().flatMap(part -> part.operations.stream()).toList(),
        parts.stream().flatMap(part -> part.handedOn.stream()).toList(),
        parts.stream().flatMap(part -> part.uses.stream()).toList());
  }
}
