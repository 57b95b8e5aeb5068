// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.enforcer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTests {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.bailiwick.enforcer");

  @Test
  void nativeCodeIsEnteredInOnePlace() {
    methods()
        .that()
        .haveModifier(JavaModifier.NATIVE)
        .should()
        .beDeclaredInClassesThat()
        .haveSimpleName("NativeBridge")
        .because("what crosses into C is read and reviewed as one")
        .check(CLASSES);
    noClasses()
        .that()
        .doNotHaveSimpleName("NativeBridge")
        .should()
        .callMethod(System.class, "load", String.class)
        .orShould()
        .callMethod(System.class, "loadLibrary", String.class)
        .because("a library is loaded by the class whose methods it has")
        .check(CLASSES);
  }

  @Test
  void kernelKnowsNeitherPolicyNorEvidence() {
    noClasses()
        .that()
        .resideInAPackage("dev.bailiwick.enforcer.kernel")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.bailiwick.policy..", "dev.bailiwick.audit..", "dev.bailiwick.enforcer")
        .because(
            "the kernel side carries out; what is allowed and what is recorded is decided above")
        .check(CLASSES);
  }

  @Test
  void enforcerKnowsNoGateway() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.bailiwick.gateway..", "dev.bailiwick.connector..")
        .because("an agent's host holds no part of what could use a credential")
        .check(CLASSES);
  }

  @Test
  void timeComesFromTheClockThatWasGiven() {
    noClasses()
        .should()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("tests set the time of records")
        .check(CLASSES);
  }
}
