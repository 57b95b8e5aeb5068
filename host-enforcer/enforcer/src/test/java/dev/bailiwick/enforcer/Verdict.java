// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

/** What an attempt says of itself by its exit status, and why. */
record Verdict(Kind kind, String detail) {
  enum Kind {
    GOT_OUT,
    STOPPED,
    NOT_TRIED
  }

  static Verdict of(int status, String detail) {
    Kind kind =
        switch (status) {
          case 10 -> Kind.GOT_OUT;
          case 11 -> Kind.STOPPED;
          default -> Kind.NOT_TRIED;
        };
    return new Verdict(kind, detail + " (status " + status + ")");
  }

  boolean gotOut() {
    return kind == Kind.GOT_OUT;
  }

  boolean stopped() {
    return kind == Kind.STOPPED;
  }
}
