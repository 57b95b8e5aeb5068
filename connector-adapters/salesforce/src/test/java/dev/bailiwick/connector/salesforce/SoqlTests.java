// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector.salesforce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bailiwick.connector.MalformedRequestException;
import dev.bailiwick.connector.MalformedRequestException.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoqlTests {
  private static List<String> read(String query) {
    Footprint footprint = new Footprint("");
    Soql.read(query, footprint);
    return Shown.of(footprint);
  }

  private static MalformedRequestException denied(String query) {
    return catchThrowableOfType(MalformedRequestException.class, () -> read(query));
  }

  /** Every form of query that the REST API takes, with all that it touches. */
  @Nested
  class LegalForms {
    @Test
    void readWhenPlainThenObjectAndFields() {
      assertThat(read("select Id, NAME from Account where Industry = 'x' order by Phone limit 5"))
          .containsExactly("sobject/account:read id name ?industry ?phone");
    }

    @Test
    void readWhenChildSubqueryThenRelationshipFromTheObject() {
      assertThat(
              read("SELECT Name, (SELECT LastName FROM Contacts WHERE Email != null) FROM Account"))
          .containsExactly(
              "sobject/account:read contacts name ?contacts",
              "relationship/account.contacts:read lastname ?email");
    }

    @Test
    void readWhenSemiJoinThenItsObjectIsReadToo() {
      assertThat(
              read(
                  "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE"
                      + " Owner.Alias = 'x')"))
          .containsExactly(
              "sobject/account:read id ?id",
              "sobject/contact:read ?accountid ?owner",
              "relationship/contact.owner:read ?alias");
    }

    @Test
    void readWhenAntiJoinThenItsObjectIsReadToo() {
      assertThat(read("SELECT Id FROM Account WHERE Id NOT IN (SELECT WhatId FROM Task)"))
          .containsExactly("sobject/account:read id ?id", "sobject/task:read ?whatid");
    }

    @Test
    void readWhenTypeOfThenEveryBranchIsRead() {
      assertThat(
              read(
                  "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Opportunity THEN"
                      + " Amount ELSE Name END FROM Event"))
          .containsExactly(
              "sobject/event:read what",
              "relationship/event.what:read amount name owner phone",
              "sobject/account:read owner phone",
              "relationship/account.owner:read name",
              "relationship/event.what.owner:read name",
              "sobject/opportunity:read amount");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ALL", "STANDARD", "CUSTOM"})
    void readWhenFieldsFunctionThenAllFields(String which) {
      assertThat(read("SELECT FIELDS(" + which + ") FROM Account LIMIT 200"))
          .containsExactly("sobject/account:read *");
    }

    @Test
    void readWhenFieldsFunctionInSubqueryThenAllFieldsOfTheRelationship() {
      assertThat(read("SELECT Id, (SELECT FIELDS(ALL) FROM Contacts LIMIT 9) FROM Account"))
          .containsExactly(
              "sobject/account:read contacts id", "relationship/account.contacts:read *");
    }

    @Test
    void readWhenUsingScopeThenTheObject() {
      assertThat(read("SELECT Id FROM Account USING SCOPE Mine"))
          .containsExactly("sobject/account:read id");
    }

    @Test
    void readWhenDistanceThenItsFieldsFilter() {
      assertThat(
              read(
                  "SELECT Name FROM W__c WHERE DISTANCE(Loc__c, GEOLOCATION(37.7,-122.4), 'mi') <"
                      + " 20 ORDER BY DISTANCE(Other__c, GEOLOCATION(37.7,-122.4), 'mi')"))
          .containsExactly("sobject/w__c:read name ?loc__c ?other__c");
    }

    @Test
    void readWhenGroupedThenEveryColumn() {
      assertThat(
              read(
                  "SELECT LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource, Rating)"
                      + " HAVING MAX(AnnualRevenue) > 1"))
          .containsExactly("sobject/lead:read leadsource name ?annualrevenue ?leadsource ?rating");
    }

    @Test
    void readWhenDataCategoryThenTheObject() {
      assertThat(
              read(
                  "SELECT Title FROM KnowledgeArticleVersion WHERE PublishStatus = 'online' WITH"
                      + " DATA CATEGORY Geography__c ABOVE usa__c"))
          .containsExactly(
              "sobject/knowledgearticleversion:read title ?geography__c ?publishstatus");
    }

    @Test
    void readWhenAllRowsThenDeletedRowsOfEveryObject() {
      assertThat(
              read("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) ALL ROWS"))
          .containsExactly(
              "sobject/account:read id ?id",
              "sobject/contact:read ?accountid",
              "deleted/account:read",
              "deleted/contact:read");
    }

    @ParameterizedTest
    @CsvSource({
      "FOR UPDATE, sobject/account:update",
      "FOR VIEW, sobject/account:update =lastvieweddate",
      "FOR REFERENCE, sobject/account:update =lastreferenceddate",
      "UPDATE TRACKING, sobject/account:update",
      "UPDATE VIEWSTAT, sobject/account:update",
    })
    void readWhenRowsAreTouchedThenUpdateToo(String clause, String update) {
      assertThat(read("SELECT Id FROM Account LIMIT 1 " + clause))
          .containsExactly("sobject/account:read id", update);
    }

    @Test
    void readWhenAliasedThenAliasesAreResolved() {
      assertThat(
              read(
                  "SELECT a.Name, o.Email, (SELECT c.LastName FROM a.Contacts c) FROM Account a,"
                      + " a.Owner o WHERE o.Alias LIKE 'x%'"))
          .containsExactly(
              "sobject/account:read contacts name owner ?owner",
              "relationship/account.owner:read email ?alias",
              "relationship/account.contacts:read lastname");
    }

    @Test
    void readWhenCountThenObjectWithoutFields() {
      assertThat(read("SELECT COUNT() FROM Account")).containsExactly("sobject/account:read");
    }

    @Test
    void readWhenFieldIsQualifiedWithTheObjectThenItIsItsField() {
      assertThat(read("SELECT Account.Name FROM Account"))
          .containsExactly("sobject/account:read name");
    }

    @Test
    void readWhenPathIsLongThenOneRelationship() {
      assertThat(read("SELECT Account.Owner.Manager.Name FROM Contact"))
          .containsExactly(
              "sobject/contact:read account",
              "relationship/contact.account.owner.manager:read name");
    }

    @Test
    void readWhenSubqueriesAreNestedThenEveryStep() {
      assertThat(read("SELECT (SELECT (SELECT Owner.Name FROM Cases) FROM Contacts) FROM Account"))
          .containsExactly(
              "sobject/account:read contacts",
              "relationship/account.contacts:read cases",
              "relationship/account.contacts.cases:read owner",
              "relationship/account.contacts.cases.owner:read name");
    }

    @Test
    void readWhenTypeOfPathFiltersThenItCounts() {
      assertThat(read("SELECT Id FROM Task WHERE What.Type IN ('Account', 'Case')"))
          .containsExactly("sobject/task:read id ?what", "relationship/task.what:read ?type");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "SELECT Id FROM Group",
          "SELECT Id FROM Order",
          "SELECT Id FROM Case",
          "SELECT Id FROM User WHERE CreatedDate > 2024-01-01T00:00:00.000+0000",
          "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:30 AND (NOT Name LIKE 'a%')",
          "SELECT Id FROM Account WHERE Type__c INCLUDES ('a;b','c') AND Amount > USD5000",
          "SELECT Id FROM Account WHERE Name LIKE 'it\\'s 100\\% \\_ \\\\'",
          "SELECT Id FROM Account WHERE Name = 'SELECT Id FROM Contact -- ; /* no comment */ :x'",
          "SELECT Id\nFROM Account\tWHERE Name = 'é'",
          "SELECT Id FROM Account WITH SECURITY_ENFORCED",
          "SELECT toLabel(Status), convertCurrency(Amount), FORMAT(MIN(CloseDate)) d FROM X__c",
          "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)), SUM(Amount) s FROM X GROUP BY"
              + " CALENDAR_YEAR(convertTimezone(CreatedDate))",
        })
    void readWhenLegalThenAccepted(String query) {
      assertThat(read(query)).isNotEmpty();
    }
  }

  /** What the grammar of Apex would let through. */
  @Nested
  class Denials {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "SELECT Id FROM Account FROM Contact | BODY",
          "SELECT Id FROM Account; SELECT Id FROM Contact | BODY",
          "SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3 | BODY",
          "SELECT Id FROM Account] | BODY",
          "SELECT Id FROM Account WHERE Name = 'x | BODY",
          "SELECT Id FROM Account WHERE Name = 'a\\qb' | BODY",
          "SELECT Id FROM Account WHERE Name = 'it''s' | BODY",
          "SELECT Id FROM Account WHERE Name = 'a\\\\_' OR Name = 'b\\' | BODY",
          "SELECT Id\\_ FROM Account | BODY",
          "SELECT Id FROM | BODY",
          "SELECT FROM Account | BODY",
          "SELECT * FROM Account | BODY",
          "DELETE FROM Account | BODY",
          "FIND {x} RETURNING Account | BODY",
          "SELECT Id FROM Account WHERE Name = \"x\" | BODY",
          "SELECT Id FROM Account WHERE Id = :id | FORBIDDEN",
          "SELECT Id FROM Account LIMIT :n | FORBIDDEN",
          "SELECT Id FROM Account WHERE Id IN :System.UserInfo.getUserId() | FORBIDDEN",
          "SELECT Id /* FROM Contact */ FROM Account | FORBIDDEN",
          "SELECT Id FROM Account // x | FORBIDDEN",
          "SELECT Id FROM Account /** x */ | FORBIDDEN",
          "SELECT Id FROM Account WHERE FORMULA('Owner.Salary__c') > 5 | FORBIDDEN",
          "SELECT Id FROM Account, Contact | UNKNOWN_OPERATION",
          "SELECT Id FROM Account a, Contact c | UNKNOWN_OPERATION",
          "SELECT Id FROM Account a, b.Owner o | UNKNOWN_OPERATION",
          "SELECT Id FROM a.Contacts | UNKNOWN_OPERATION",
          "SELECT Owner.Email FROM Contact Owner | UNKNOWN_OPERATION",
          "SELECT ow.Email FROM Contact own | UNKNOWN_OPERATION",
          "SELECT Id FROM Contact c, c.Account c | UNKNOWN_OPERATION",
          "SELECT Id FROM Contact by | UNKNOWN_OPERATION",
          "SELECT Name from FROM Contact | UNKNOWN_OPERATION",
          "SELECT Id, (SELECT Id FROM b.Contacts) FROM Account a | UNKNOWN_OPERATION",
          "SELECT Id, (SELECT Id FROM Contacts.Cases) FROM Account | UNKNOWN_OPERATION",
          "SELECT Id FROM Account WHERE Id IN (SELECT (SELECT Id FROM X) FROM Y) |"
              + " UNKNOWN_OPERATION",
          "SELECT Id FROM Account WHERE Id IN (SELECT Id FROM a.Owner) | UNKNOWN_OPERATION",
          "SELECT Id FROM Account WITH SYSTEM_MODE | UNKNOWN_OPERATION",
          "SELECT Id FROM Account WITH Network = 'x' | UNKNOWN_OPERATION",
          "SELECT $Id FROM Account | UNKNOWN_OPERATION",
          "SELECT TYPEOF What WHEN Account.Owner THEN Id END FROM Event | UNKNOWN_OPERATION",
        })
    void readWhenNotRestSoqlThenDenied(String query, Kind kind) {
      assertThat(denied(query)).isNotNull().extracting(e -> e.kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "SELECT Id FROM Аccount", // Cyrillic A
          "SELECT Id FROM Tas\u212A", // the Kelvin sign is k in lower case
          "SELECT Id FROM L\u0130ne",
          "SELECT Id\u3000FROM Account",
          "SELECT Id\u00A0FROM Account",
          "SELECT Id FROM Account\u200B",
          "SELECT Id FROM Account WHERE Name = 'x' \uD83D\uDE00",
          "SELECT Id FROM Account WHERE Name = '''\nx'''",
          "SELECT Id FROM Account\u0000",
          "SELECT Id\fFROM Account",
        })
    void readWhenCharactersCouldMisleadThenDenied(String query) {
      assertThat(denied(query)).isNotNull();
    }

    @Test
    void readReferableWhenAColumnPassesForAnIdThenDenied() {
      MalformedRequestException denied =
          catchThrowableOfType(
              MalformedRequestException.class,
              () ->
                  Soql.readReferable("SELECT MAX(Name) recordId FROM Account", new Footprint("")));

      assertThat(denied.kind()).isEqualTo(Kind.UNKNOWN_OPERATION);
    }
  }

  @Nested
  class Bounds {
    @Test
    void readWhenTooLongThenTooLarge() {
      String query = "SELECT Id FROM Account WHERE Name = '" + "x".repeat(100_000) + "'";

      assertThat(denied(query).kind()).isEqualTo(Kind.TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "((((((((((((((((((((((a=1))))))))))))))))))))))",
          "a IN (SELECT b FROM B WHERE a IN (SELECT b FROM B WHERE a IN (SELECT b FROM B WHERE a IN"
              + " (SELECT b FROM B WHERE a IN (SELECT b FROM B WHERE a IN (SELECT b FROM B))))))",
          "a IN ( SELECT b FROM B WHERE a IN (\nSELECT b FROM B WHERE a IN ( select b FROM B WHERE"
              + " a IN (SELECT b FROM B WHERE a IN (SELECT b FROM B WHERE a IN (SELECT b FROM"
              + " B))))))",
        })
    void readWhenTooDeepThenTooLarge(String where) {
      assertThat(denied("SELECT Id FROM A WHERE " + where).kind()).isEqualTo(Kind.TOO_LARGE);
    }

    @Test
    @Timeout(20)
    void readWhenLongAndFlatThenRead() {
      String ids = "'001000000000001',".repeat(4_000) + "'x'";

      assertThat(read("SELECT Id FROM Account WHERE Id IN (" + ids + ")"))
          .containsExactly("sobject/account:read id ?id");
    }

    @Test
    void readWhenNestedAsFarAsAllowedThenBoundedTime() {
      String open = "(a = 1 AND (b = 2 OR ".repeat(9);
      String semi = "a IN (SELECT b FROM B WHERE ".repeat(4);
      String query =
          "SELECT Id FROM A WHERE "
              + semi
              + "NOT ("
              + "a=1 OR ".repeat(500)
              + "b=2)"
              + ")".repeat(4);
      String mixed = "SELECT Id FROM A WHERE " + open + "c = 3" + "))".repeat(9);

      org.junit.jupiter.api.Assertions.assertTimeout(
          Duration.ofSeconds(10),
          () -> {
            read(query);
            read(mixed);
          });
    }
  }
}
