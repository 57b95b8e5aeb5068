// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.connector;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

class ConnectorSpiArchitectureTests {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.bailiwick.connector");

  @Test
  void dependenciesWhenImportedThenNothingButTheJdkAndAJsonReader() {
    ArchRuleDefinition.classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.bailiwick.connector", "java..", "tools.jackson.core..", "org.jspecify..")
        .because("whoever writes a connector should have to learn nothing else")
        .check(classes);
  }

  @Test
  void secretWhenReadThenOnlyWhereACredentialIsApplied() {
    ArchRuleDefinition.noClasses()
        .that()
        .doNotHaveFullyQualifiedName(AppliedCredential.class.getName())
        .should()
        .callMethod(Secret.class, "reveal")
        .because("a secret that is read in one place leaks in at most one place")
        .check(classes);
  }
}
