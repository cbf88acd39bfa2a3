package io.lighter.conversion;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private static final DescribedPredicate<JavaClass> OTHER_PARTS_OF_LIGHTER =
      JavaClass.Predicates.resideInAPackage("io.lighter..")
          .and(
              DescribedPredicate.not(
                  JavaClass.Predicates.resideInAnyPackage(
                      "io.lighter.oci..", "io.lighter.conversion..")));

  @Test
  void conversion_ofOurPackages_dependsOnVocabularyOnly() {
    noClasses()
        .should()
        .dependOnClassesThat(OTHER_PARTS_OF_LIGHTER)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net..", "java.nio.file..", "io.vertx..", "org.rocksdb..")
        .because("the conversion is bytes in, bytes out: no network and no files")
        .check(
            new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.lighter.conversion"));
  }
}
