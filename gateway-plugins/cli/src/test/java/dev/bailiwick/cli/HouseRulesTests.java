// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.bailiwick.connector.Secret;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The walls of the house. This module sees every other one, so the rules stand here. */
final class HouseRulesTests {
  private static JavaClasses house;

  @BeforeAll
  static void readTheHouse() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.bailiwick");
    assertThat(house.contain("dev.bailiwick.gateway.GatewayPipeline")).isTrue();
    assertThat(house.contain("dev.bailiwick.enforcer.kernel.NativeBridge")).isTrue();
  }

  @Test
  void policyAndConnectorsDoNotKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage("dev.bailiwick.policy..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.bailiwick.connector..", "dev.bailiwick.gateway..")
        .because("policy says who may do what, and must not care what a vendor's API looks like")
        .check(house);
    noClasses()
        .that()
        .resideInAPackage("dev.bailiwick.connector..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.bailiwick.policy..", "dev.bailiwick.gateway..")
        .because("a connector says what a request means; who may do it is not its business")
        .check(house);
  }

  @Test
  void theCoreKnowsNoHost() {
    noClasses()
        .that()
        .resideInAPackage("dev.bailiwick.gateway..")
        .and()
        .resideOutsideOfPackages("dev.bailiwick.gateway.spring..", "dev.bailiwick.gateway.apisix..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..", "org.apache.apisix..", "reactor..", "io.netty..")
        .because("the wrapper is the integration: two filters, one set of verdicts")
        .check(house);
  }

  @Test
  void joseIsConfined() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.bailiwick.gateway.token.jose..",
            "dev.bailiwick.contract..",
            "dev.bailiwick.simulator..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.nimbusds..")
        .because("a change of the JOSE library must touch one package; vendors have their own")
        .check(house);
  }

  @Test
  void resilienceIsConfined() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.bailiwick.gateway.credential..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.resilience4j..")
        .because("what is retried, and what never is, must be readable in one place")
        .check(house);
  }

  @Test
  void connectorsDoNotKnowEachOther() {
    for (String vendor : new String[] {"servicenow", "salesforce", "workday"}) {
      noClasses()
          .that()
          .resideInAPackage("dev.bailiwick.connector." + vendor + "..")
          .should()
          .dependOnClassesThat(
              DescribedPredicate.describe(
                  "belong to another connector",
                  type ->
                      type.getPackageName().startsWith("dev.bailiwick.connector.")
                          && !type.getPackageName()
                              .startsWith("dev.bailiwick.connector." + vendor)))
          .because("each connector can be read, shipped and dropped by itself")
          .allowEmptyShould(true)
          .check(house);
    }
  }

  @Test
  void theEnforcerDoesNotKnowTheGateway() {
    noClasses()
        .that()
        .resideInAPackage("dev.bailiwick.enforcer..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.bailiwick.gateway..", "dev.bailiwick.connector..")
        .because("the agent's host runs the enforcer, and needs nothing of the gateway")
        .check(house);
  }

  @Test
  void nativeMethodsAreInOneClass() {
    methods()
        .that()
        .haveModifier(JavaModifier.NATIVE)
        .should()
        .beDeclaredInClassesThat()
        .haveFullyQualifiedName("dev.bailiwick.enforcer.kernel.NativeBridge")
        .because("everything that leaves the JVM's safety is read in one file")
        .check(house);
  }

  @Test
  void secretsAreReadInFewPlaces() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.bailiwick.connector..",
            "dev.bailiwick.gateway.credential..",
            "dev.bailiwick.gateway.token.jose..",
            "dev.bailiwick.contract..")
        .and()
        .doNotHaveFullyQualifiedName("dev.bailiwick.gateway.spring.ClientTls")
        .should()
        .callMethod(Secret.class, "reveal")
        .because(
            "a secret is read where it is applied, stored or signed with, and nowhere else; the"
                + " key of a connection is applied by the host that makes the connection")
        .check(house);
  }

  @Test
  void secretsAreNotStrings() {
    noFields()
        .that()
        .haveRawType(String.class)
        .and()
        .areNotStatic()
        .should()
        .haveNameMatching("(?i).*(password|secret|assertion)")
        .because("a String shows in a record's toString, a heap dump's summary and a log line")
        .check(house);
  }

  @Test
  void timeIsInjected() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.bailiwick.policy..",
            "dev.bailiwick.connector..",
            "dev.bailiwick.audit..",
            "dev.bailiwick.gateway",
            "dev.bailiwick.gateway.token..",
            "dev.bailiwick.gateway.credential..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("a test must be able to set the time; wiring passes a Clock in")
        .check(house);
  }

  @Test
  void packagesAreNamedForWhatTheyDo() {
    classes()
        .should()
        .resideOutsideOfPackages("..util..", "..common..", "..impl..", "..dto..", "..model..")
        .because("one folder is one idea, and these names are none")
        .check(house);
  }
}
