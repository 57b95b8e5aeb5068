// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoslTests {
  private static List<String> read(String search) {
    Footprint footprint = new Footprint("");
    Sosl.read(search, footprint);
    return Shown.of(footprint);
  }

  @Test
  void readWhenReturningThenEveryObjectInAllItsFields() {
    assertThat(
            read(
                "FIND {acme} IN ALL FIELDS RETURNING Account(Id, Owner.Name WHERE Industry = 'x'"
                    + " ORDER BY Phone LIMIT 3), Contact, Lead (toLabel(Status)) LIMIT 9"))
        .containsExactly(
            "sobject/account:read id owner ?industry ?phone *",
            "relationship/account.owner:read name",
            "sobject/contact:read *",
            "sobject/lead:read status *");
  }

  @Test
  void readWhenSearchIsWithinAListViewThenTheListViewToo() {
    assertThat(read("FIND {x} RETURNING Account(Id USING ListView=Mine), Contact"))
        .containsExactly(
            "sobject/account:read id *", "listview/account:read *", "sobject/contact:read *");
  }

  @Test
  void readWhenStatisticsAreKeptThenUpdateToo() {
    assertThat(read("FIND {x} RETURNING FAQ__kav(Id), Account UPDATE TRACKING"))
        .containsExactly(
            "sobject/faq__kav:read id *",
            "sobject/faq__kav:update",
            "sobject/account:read *",
            "sobject/account:update");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FIND {a\\}b} RETURNING Account",
        "find {\"a b\" AND c*} in name fields returning Account(Id USING ListView=Recent)",
        "FIND {x} RETURNING Account WITH SNIPPET WITH METADATA='LABELS'",
        "FIND {x} RETURNING Account(FORMAT(Amount) a)",
      })
  void readWhenLegalThenAccepted(String search) {
    assertThat(read(search)).first().asString().contains("sobject/account:read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FIND {x} | FORBIDDEN",
        "FIND {x} IN ALL FIELDS LIMIT 5 | FORBIDDEN",
        "FIND {x} RETURNING Account(Id WHERE Name = :n) | FORBIDDEN",
        "FIND {x} RETURNING Account /* c */ | FORBIDDEN",
        "FIND {x} RETURNING Account WITH SYSTEM_MODE | FORBIDDEN",
        "FIND {x} RETURNING Account.Owner(Id) | UNKNOWN_OPERATION",
        "FIND {x} RETURNING Account(Id WHERE Id IN (SELECT Id FROM Contact)) | UNKNOWN_OPERATION",
        "FIND {x} RETURNING Аccount | UNKNOWN_OPERATION",
        "FIND {x} RETURNING Account] RETURNING Contact | BODY",
        "FIND {x} RETURNING Account][FIND {y} RETURNING Contact | BODY",
        "FIND 'x' RETURNING Account | BODY",
        "FIND x RETURNING Account | BODY",
        "SELECT Id FROM Account | BODY",
        "FIND {x RETURNING Account | BODY",
      })
  void readWhenNotRestSoslThenDenied(String search, Kind kind) {
    MalformedRequestException denied =
        catchThrowableOfType(MalformedRequestException.class, () -> read(search));

    assertThat(denied).isNotNull().extracting(e -> e.kind()).isEqualTo(kind);
  }
}
