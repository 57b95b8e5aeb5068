// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static dev.bailiwick.connector.salesforce.Footprint.ACTION;
import static dev.bailiwick.connector.salesforce.Footprint.PROCESS;

import dev.bailiwick.connector.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Paths that run something which the customer built: invocable actions, quick actions, approvals.
 * What they read and write is written nowhere in a request, so each one is a scope of its own.
 */
final class Actions {
  /** How many names follow each kind of custom action. */
  private static final int LONGEST_NAME = 2;

  private Actions() {}

  /**
   * {@code /actions}: {@code standard/emailSimple}, {@code custom/flow/Name}.
   *
   * @param call with the path below {@code actions}
   */
  static Resource invocable(Call call) {
    if (call.ends() || !Set.of("standard", "custom").contains(call.segment(0))) {
      if (call.ends() && call.is("GET")) {
        return Resource.single(call, ACTION, "list", Action.READ);
      }
      throw call.unknownPath();
    }
    boolean standard = call.segment(0).equals("standard");
    boolean names =
        standard ? call.depth() == 2 : call.depth() >= 3 && call.depth() <= 2 + LONGEST_NAME;
    List<String> words = new ArrayList<>();
    call.path().forEach(segment -> words.add(ApiName.of(segment, "an action")));
    return switch (call.verb()) {
      case "GET" -> Resource.single(call, ACTION, String.join(".", words), Action.READ);
      case "POST" -> {
        if (!names) {
          throw call.unknownPath();
        }
        call.parameters().requireNoMore();
        yield Resource.execution(call, ACTION, String.join(".", words));
      }
      default -> throw call.wrongVerb();
    };
  }

  /**
   * {@code /quickActions}, without an object.
   *
   * @param call with the path below {@code quickActions}
   */
  static Resource global(Call call) {
    if (call.depth() > 2 || (call.depth() == 2 && !call.segment(1).equals("describe"))) {
      throw call.unknownPath();
    }
    if (call.ends()) {
      call.require("GET");
      return Resource.single(call, ACTION, "quickaction", Action.READ);
    }
    String object = "quickaction." + ApiName.of(call.segment(0), "an action");
    if (call.depth() == 1 && call.is("POST")) {
      call.parameters().requireNoMore();
      return Resource.execution(call, ACTION, object);
    }
    call.require("GET");
    return Resource.single(call, ACTION, object, Action.READ);
  }

  /**
   * {@code /process}: approvals and workflow rules.
   *
   * @param call with the path below {@code process}
   */
  static Resource process(Call call) {
    if (call.ends()
        || call.depth() > 3
        || !Set.of("approvals", "rules").contains(call.segment(0))) {
      throw call.unknownPath();
    }
    String object = call.segment(0);
    call.path().subList(1, call.depth()).forEach(segment -> ApiName.of("x" + segment, "a rule"));
    return switch (call.verb()) {
      case "GET" -> Resource.single(call, PROCESS, object, Action.READ);
      case "POST" -> {
        call.parameters().requireNoMore();
        yield Resource.execution(call, PROCESS, object);
      }
      default -> throw call.wrongVerb();
    };
  }
}
