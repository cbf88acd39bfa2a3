package io.lighter.storage;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final String OCI = "io.lighter.oci";
  private static final String SPI = "io.lighter.storage";
  private static final String GC = "io.lighter.storage.gc";
  private static final String LOCAL = "io.lighter.storage.local";
  private static final String ROCKSDB = "io.lighter.storage.rocksdb";

  private final JavaClasses ours =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.lighter");

  @Test
  void import_everyPackage_found() {
    assertThat(ours)
        .extracting(type -> type.getPackageName())
        .contains(OCI, SPI, GC, LOCAL, ROCKSDB);
  }

  @Test
  void packages_dependencies_onlyDownwards() {
    mayUse(OCI).check(ours);
    mayUse(SPI, OCI).check(ours);
    mayUse(GC, SPI, OCI).check(ours);
    mayUse(LOCAL, GC, SPI, OCI).check(ours);
    mayUse(ROCKSDB, GC, SPI, OCI).check(ours);
  }

  @Test
  void packages_cycles_none() {
    slices().matching("io.lighter.(**)").should().beFreeOfCycles().check(ours);
  }

  @Test
  void rocksdb_outsideOfItsPackage_unknown() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROCKSDB)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .check(ours);
  }

  @Test
  void classes_namesWithoutMeaning_none() {
    classes().should().haveNameNotMatching(".*(Util|Utils|Helper|Manager|Impl)").check(ours);
  }

  private static ArchRule mayUse(String name, String... others) {
    String[] allowed = Arrays.copyOf(others, others.length + 1);
    allowed[others.length] = name;
    return noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.lighter..").and(resideOutsideOfPackages(allowed)));
  }
}
