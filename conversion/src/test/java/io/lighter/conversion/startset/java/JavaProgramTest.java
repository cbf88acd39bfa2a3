package io.lighter.conversion.startset.java;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaProgramTest {

  private static final String HOME = "/opt/java/openjdk";

  /** As the images of Eclipse Temurin have it. */
  private static ImageBuilder image() {
    return new ImageBuilder()
        .executable(HOME + "/bin/java", "program")
        .file(HOME + "/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.1\"\n")
        .file(HOME + "/lib/jvm.cfg", "-server KNOWN")
        .file(HOME + "/lib/modules", "modules")
        .file(HOME + "/lib/libjava.so", "")
        .file(HOME + "/lib/libverify.so", "")
        .file(HOME + "/lib/libnio.so", "")
        .file(HOME + "/lib/libinstrument.so", "")
        .file(HOME + "/lib/libawt.so", "")
        .file(HOME + "/lib/server/libjvm.so", "")
        .file(HOME + "/lib/server/classes.jsa", "")
        .file(HOME + "/lib/server/classes_nocoops.jsa", "")
        .file(HOME + "/lib/server/classes_coh.jsa", "")
        .file(HOME + "/conf/security/java.security", "")
        .file(HOME + "/conf/net.properties", "");
  }

  private static StartupSet start(ImageBuilder image, String... command) {
    return start(image, Map.of("PATH", HOME + "/bin"), command);
  }

  private static StartupSet start(
      ImageBuilder image, Map<String, String> environment, String... command) {
    return image.start(
        new JavaProgram(), new ImageCommand(List.of(command), environment, "/app", ""));
  }

  private static List<String> read(ImageBuilder image, String... command) {
    return ImageBuilder.paths(start(image, command));
  }

  private static List<String> program(ImageBuilder image, String... command) {
    return read(image, command).stream().filter(path -> !path.startsWith(HOME)).toList();
  }

  @Test
  void follow_runtime_readsItsPartsInOrder() {
    assertThat(read(image(), "java", "-cp", "x", "Main"))
        .containsExactly(
            HOME + "/bin/java",
            HOME + "/lib/jvm.cfg",
            HOME + "/lib/server/libjvm.so",
            HOME + "/lib/modules",
            HOME + "/lib/libjava.so",
            HOME + "/lib/server/classes.jsa",
            HOME + "/lib/libnio.so",
            HOME + "/conf/net.properties",
            HOME + "/conf/security/java.security");
  }

  @Test
  void follow_modulesFile_isLeftOutFirst() {
    assertThat(start(image(), "java", "-cp", "x", "Main").files())
        .filteredOn(found -> found.file().name().equals("modules"))
        .singleElement()
        .satisfies(found -> assertThat(found.reason().certainty()).isEqualTo(Certainty.POSSIBLE));
  }

  @ParameterizedTest
  @CsvSource({
    "-Xmx31g, classes.jsa",
    "-Xmx32g, classes_nocoops.jsa",
    "-Xmx40000m, classes_nocoops.jsa",
    "-XX:+UseZGC, classes_nocoops.jsa",
    "-XX:-UseCompressedOops, classes_nocoops.jsa",
    "-XX:+UseCompactObjectHeaders, classes_coh.jsa",
    "-Xshare:off, ''",
    "-XX:AOTCache=/app/a.aot, a.aot"
  })
  void follow_options_chooseTheArchiveOfClasses(String option, String archive) {
    ImageBuilder image = image().file("/app/a.aot", "");

    assertThat(read(image, "java", option, "-cp", "x", "Main"))
        .filteredOn(path -> path.endsWith(".jsa") || path.endsWith(".aot"))
        .allSatisfy(path -> assertThat(path).endsWith("/" + archive))
        .hasSize(archive.isEmpty() ? 0 : 1);
  }

  @Test
  void follow_sharedArchive_comesOnTopOfTheDefaultOne() {
    ImageBuilder image = image().file("/app/app.jsa", "");

    assertThat(read(image, "java", "-XX:SharedArchiveFile=app.jsa", "-cp", "x", "Main"))
        .contains("/app/app.jsa", HOME + "/lib/server/classes.jsa");
  }

  @Test
  void follow_java8_readsRtJar() {
    ImageBuilder image =
        new ImageBuilder()
            .executable("/jdk/bin/java", "program")
            .file("/jdk/jre/lib/amd64/jvm.cfg", "")
            .file("/jdk/jre/lib/amd64/server/libjvm.so", "")
            .file("/jdk/jre/lib/amd64/jli/libjli.so", "")
            .file("/jdk/jre/lib/rt.jar", "jar")
            .file("/jdk/jre/lib/security/java.security", "");

    assertThat(ImageBuilder.paths(start(image, Map.of("PATH", "/jdk/bin"), "java", "Main")))
        .containsExactly(
            "/jdk/bin/java",
            "/jdk/jre/lib/amd64/jvm.cfg",
            "/jdk/jre/lib/amd64/server/libjvm.so",
            "/jdk/jre/lib/amd64/jli/libjli.so",
            "/jdk/jre/lib/rt.jar",
            "/jdk/jre/lib/security/java.security");
  }

  @Test
  void follow_launcherByLinks_findsItsRuntime() {
    ImageBuilder image =
        image()
            .link("/usr/bin/java", "/etc/alternatives/java")
            .link("/etc/alternatives/java", HOME + "/bin/java");

    assertThat(ImageBuilder.paths(start(image, Map.of("PATH", "/usr/bin"), "java", "Main")))
        .contains(HOME + "/lib/server/libjvm.so");
  }

  @Test
  void follow_classPath_readsJarsAndWhatTheirManifestsName() {
    ImageBuilder image =
        image()
            .file("/app/lib/a.jar", Jars.jar("Class-Path", "../more/c.jar missing.jar"))
            .file("/app/lib/b.jar", Jars.jar())
            .file("/app/lib/notes.txt", "")
            .file("/app/more/c.jar", Jars.jar("Class-Path", "../lib/a.jar"))
            .file("/app/other.jar", Jars.jar());

    assertThat(program(image, "java", "-cp", "lib/*", "Main"))
        .containsExactly("/app/lib/a.jar", "/app/more/c.jar", "/app/lib/b.jar");
  }

  @Test
  void follow_jar_readsWhatItNames() {
    ImageBuilder image =
        image()
            .file("/app/app.jar", Jars.jar("Main-Class", "a.Main", "Class-Path", "lib/a.jar"))
            .file("/app/lib/a.jar", Jars.jar())
            .file("/app/lib/b.jar", Jars.jar());

    assertThat(program(image, "java", "-Dx=y", "-jar", "app.jar", "b.jar"))
        .containsExactly("/app/app.jar", "/app/lib/a.jar");
  }

  @Test
  void follow_missingJar_isNamed() {
    assertThat(start(image(), "java", "-jar", "gone.jar").unresolved())
        .singleElement()
        .satisfies(gone -> assertThat(gone.what()).isEqualTo("gone.jar"));
  }

  @Test
  void follow_looseClasses_readsThoseThatLeadToEachOther() {
    String directory = "/app/classes/" + JavaProgramTest.class.getPackageName().replace('.', '/');
    ImageBuilder image =
        image()
            .file(directory + "/JavaProgram.class", bytes("JavaProgram"))
            .file(directory + "/JavaOptions.class", bytes("JavaOptions"))
            .file(directory + "/Unused.class", bytes("JarManifest"))
            .file("/app/classes/application.yml", "");

    assertThat(program(image, "java", "-cp", "classes", JavaProgram.class.getName()))
        .containsExactlyInAnyOrder(
            directory + "/JavaProgram.class",
            directory + "/JavaOptions.class",
            "/app/classes/application.yml");
  }

  private static byte[] bytes(String name) {
    try (InputStream in = JavaProgram.class.getResourceAsStream(name + ".class")) {
      return in == null ? new byte[0] : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void follow_explodedSpringBoot_readsLibrariesAndAllClasses() {
    ImageBuilder image =
        image()
            .file("/app/META-INF/MANIFEST.MF", "")
            .file("/app/org/springframework/boot/loader/launch/JarLauncher.class", "")
            .file("/app/BOOT-INF/classpath.idx", "")
            .file("/app/BOOT-INF/classes/application.yml", "")
            .file("/app/BOOT-INF/classes/a/Ship.class", "")
            .file("/app/BOOT-INF/lib/spring-context-6.jar", Jars.jar());

    assertThat(program(image, "java", "org.springframework.boot.loader.launch.JarLauncher"))
        .containsExactlyInAnyOrder(
            "/app/META-INF/MANIFEST.MF",
            "/app/org/springframework/boot/loader/launch/JarLauncher.class",
            "/app/BOOT-INF/classpath.idx",
            "/app/BOOT-INF/classes/application.yml",
            "/app/BOOT-INF/classes/a/Ship.class",
            "/app/BOOT-INF/lib/spring-context-6.jar");
  }

  @Test
  void follow_tomcat_readsItsLibrariesConfigurationAndApplications() {
    ImageBuilder image =
        image()
            .file("/tomcat/bin/bootstrap.jar", Jars.jar())
            .file("/tomcat/lib/catalina.jar", Jars.jar())
            .file("/tomcat/conf/server.xml", "")
            .file("/tomcat/webapps/ROOT.war", Jars.jar())
            .file("/tomcat/webapps/quay/WEB-INF/web.xml", "")
            .file("/tomcat/webapps/quay/WEB-INF/lib/a.jar", Jars.jar())
            .file("/tomcat/webapps/quay/index.html", "");

    assertThat(
            program(
                image,
                "java",
                "-classpath",
                "/tomcat/bin/bootstrap.jar",
                "-Dcatalina.home=/tomcat",
                "org.apache.catalina.startup.Bootstrap",
                "start"))
        .containsExactlyInAnyOrder(
            "/tomcat/bin/bootstrap.jar",
            "/tomcat/lib/catalina.jar",
            "/tomcat/conf/server.xml",
            "/tomcat/webapps/ROOT.war",
            "/tomcat/webapps/quay/WEB-INF/web.xml",
            "/tomcat/webapps/quay/WEB-INF/lib/a.jar");
  }

  @Test
  void follow_quarkus_readsItsFoldersOfLibraries() {
    ImageBuilder image =
        image()
            .file("/app/quarkus-run.jar", Jars.jar("Main-Class", "io.quarkus.Entry"))
            .file("/app/quarkus/quarkus-application.dat", "")
            .file("/app/lib/main/a.jar", Jars.jar())
            .file("/app/app/quay.jar", Jars.jar());

    assertThat(program(image, "java", "-jar", "quarkus-run.jar"))
        .containsExactlyInAnyOrder(
            "/app/quarkus-run.jar",
            "/app/quarkus/quarkus-application.dat",
            "/app/lib/main/a.jar",
            "/app/app/quay.jar");
  }

  @Test
  void follow_variablesAndArgumentFiles_addOptions() {
    ImageBuilder image =
        image()
            .file("/app/agent.jar", Jars.jar("Premain-Class", "a.Agent"))
            .file("/app/log.xml", "")
            .file("/app/args", "-cp \"a b.jar:c.jar\" # the path\n-Dx=\"y\"")
            .file("/app/a b.jar", Jars.jar())
            .file("/app/c.jar", Jars.jar());
    var environment =
        Map.of(
            "PATH",
            HOME + "/bin",
            "JAVA_TOOL_OPTIONS",
            "-javaagent:/app/agent.jar=port=1 -Dlog=file:/app/log.xml");

    assertThat(ImageBuilder.paths(start(image, environment, "java", "@args", "Main")))
        .contains(
            HOME + "/lib/libinstrument.so",
            "/app/agent.jar",
            "/app/log.xml",
            "/app/args",
            "/app/a b.jar",
            "/app/c.jar");
  }

  @Test
  void follow_modulePath_readsItsJars() {
    ImageBuilder image = image().file("/app/mods/m.jar", Jars.jar());

    assertThat(program(image, "java", "-p", "mods", "-m", "quay/quay.Main"))
        .containsExactly("/app/mods/m.jar");
  }

  @Test
  void follow_jarsThatNameEachOther_ends() {
    ImageBuilder image =
        image()
            .file("/app/a.jar", Jars.jar("Class-Path", "b.jar ."))
            .file("/app/b.jar", Jars.jar("Class-Path", "a.jar b.jar"));

    assertThat(program(image, "java", "-jar", "a.jar")).containsExactly("/app/a.jar", "/app/b.jar");
  }
}
