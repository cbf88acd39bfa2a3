package io.lighter.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The directions of docs/architecture.md, over the classes of all modules. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.lighter");

  /** Classes whose code runs on event loops. */
  private static final Set<String> EVENT_LOOP =
      Set.of(
          "RegistryVerticle",
          "Exchange",
          "ConnectionGuard",
          "Connections",
          "ManagementVerticle",
          "ForeignPages",
          "ForwardVerticle",
          "Recognition",
          "Responder",
          "HotContent",
          "HotPath",
          "RepeatedReads",
          "Transfer",
          "ContentAnswers");

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.lighter.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void oci_dependsOnNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage("io.lighter.oci")
        .should()
        .dependOnClassesThat(ours().and(outside("io.lighter.oci")))
        .check(CLASSES);
  }

  @Test
  void storage_dependsOnlyOnItsVocabulary() {
    noClasses()
        .that()
        .resideInAPackage("io.lighter.storage..")
        .should()
        .dependOnClassesThat(ours().and(outside("io.lighter.oci", "io.lighter.storage")))
        .check(CLASSES);
  }

  @Test
  void conversion_dependsOnlyOnTheVocabulary() {
    noClasses()
        .that()
        .resideInAPackage("io.lighter.conversion..")
        .should()
        .dependOnClassesThat(ours().and(outside("io.lighter.oci", "io.lighter.conversion")))
        .check(CLASSES);
  }

  @Test
  void bench_isAClient() {
    noClasses()
        .that()
        .resideInAPackage("io.lighter.bench..")
        .should()
        .dependOnClassesThat(
            ours().and(outside("io.lighter.oci", "io.lighter.conversion", "io.lighter.bench")))
        .check(CLASSES);
    classes()
        .that()
        .resideInAPackage("io.lighter.bench..")
        .should()
        .onlyHaveDependentClassesThat(
            named(
                "Main, or the benchmark itself",
                user ->
                    user.getFullName().startsWith("io.lighter.server.Main")
                        || user.getPackageName().startsWith("io.lighter.bench")))
        .check(CLASSES);
  }

  @Test
  void node_knowsNothingOfTheServer() {
    noClasses()
        .that()
        .resideInAPackage("io.lighter.node..")
        .should()
        .dependOnClassesThat(ours().and(outside("io.lighter.node")))
        .check(CLASSES);
  }

  @Test
  void onlyTheCompositionRoot_knowsStorageImplementations() {
    classes()
        .that()
        .resideInAnyPackage("io.lighter.storage.local..", "io.lighter.storage.rocksdb..")
        .and()
        .arePublic()
        .should()
        .onlyHaveDependentClassesThat(
            named(
                "the composition root, who calls it, the store without a server, or the same package",
                user ->
                    user.getSimpleName().equals("Application")
                        || user.getSimpleName().equals("Housekeeping") // A part of it,
                        || user.getSimpleName().equals("Administration") // and another.
                        || user.getSimpleName().equals("Serving")
                        || user.getSimpleName().equals("OfflineStore")
                        || user.getPackageName().startsWith("io.lighter.storage.local")
                        || user.getPackageName().startsWith("io.lighter.storage.rocksdb")))
        .check(CLASSES);
  }

  /** Who does not want traces must not pay for the library, not even by loading it. */
  @Test
  void onlyTheOtlpTracer_knowsOpenTelemetry_andOnlyTheCompositionRootKnowsIt() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lighter.server.trace.otlp")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.opentelemetry..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.lighter.server.trace.otlp")
        .and()
        .doNotHaveSimpleName("Application")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.lighter.server.trace.otlp")
        .check(CLASSES);
  }

  @Test
  void onlyHttpListenersAndAdminRoutes_knowVertx() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.lighter.server.http..",
            "io.lighter.server.tls..",
            "io.lighter.server.management..",
            "io.lighter.server.forward..")
        .and()
        .haveSimpleNameNotStartingWith("Listeners")
        .and()
        .doNotHaveSimpleName("AdminRoutes")
        .and()
        .doNotHaveSimpleName("ViewRoutes")
        .and()
        .doNotHaveSimpleName("DebugRoutes")
        .and(
            named(
                "not within those",
                type -> !type.getName().matches(".*\\.(Admin|Debug)Routes\\$.*")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.vertx..")
        .check(CLASSES);
  }

  /** As far as types can say it: what runs on event loops knows nothing that blocks. */
  @Test
  void eventLoopClasses_knowNoBlockingService() {
    noClasses()
        .that(
            named(
                "run on event loops",
                type ->
                    EVENT_LOOP.contains(type.getSimpleName())
                        || type.getEnclosingClass()
                            .filter(outer -> EVENT_LOOP.contains(outer.getSimpleName()))
                            .isPresent()))
        .should()
        .dependOnClassesThat(
            named(
                "block",
                type ->
                    type.getSimpleName().endsWith("MetadataStore")
                        || type.getSimpleName().equals("BlobWriter")
                        || type.getSimpleName().equals("UploadStore")
                        || type.getSimpleName().equals("ConversionStore")
                        || type.getPackageName().startsWith("io.lighter.server.content")
                        || type.getPackageName().startsWith("io.lighter.server.upstream")
                        || type.getPackageName().startsWith("io.lighter.server.pullthrough")
                        || type.getFullName().equals("java.nio.file.Files")
                        || type.getFullName().equals("java.lang.Thread")))
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> ours() {
    return named("ours", type -> type.getPackageName().startsWith("io.lighter"));
  }

  private static DescribedPredicate<JavaClass> outside(String... packages) {
    return named(
        "outside " + String.join(", ", packages),
        type -> {
          for (String allowed : packages) {
            if (type.getPackageName().equals(allowed)
                || type.getPackageName().startsWith(allowed + '.')) {
              return false;
            }
          }
          return true;
        });
  }

  private static DescribedPredicate<JavaClass> named(
      String description, java.util.function.Predicate<JavaClass> predicate) {
    return DescribedPredicate.describe(description, predicate);
  }
}
