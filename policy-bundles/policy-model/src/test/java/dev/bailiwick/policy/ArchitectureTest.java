// SPDX-FileCopyrightText: the Bailiwick authors
// SPDX-License-Identifier: Apache-2.0
package dev.bailiwick.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.bailiwick.policy");

  @Test
  void librariesAreEachKnownInOnePlace() {
    onlyIn(
        "dev.cel..", "ConditionCompiler|CelCondition", "conditions could move to another engine");
    onlyIn("org.snakeyaml..", "YamlReader", "only here is YAML more than a tree with places");
    onlyIn("com.networknt..", "SchemaCheck", "a validator's own words must not reach anybody");
  }

  @Test
  void policyKnowsNoOtherRoom() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.bailiwick.connector..", "dev.bailiwick.gateway..", "dev.bailiwick.audit..")
        .because(
            "connectors say what a request means, policy says who may; only the core joins them")
        .check(CLASSES);
  }

  private static void onlyIn(String library, String names, String reason) {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.(" + names + ")(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .because(reason)
        .check(CLASSES);
  }
}
