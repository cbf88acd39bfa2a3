package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** The script that people start, in a source tree whose Maven and JDK are scripts as well. */
@EnabledOnOs(LINUX)
class LauncherTest {
  /** Makes what is not there, as Maven does. */
  private static final String BUILDS =
      """
      mkdir -p registry-server/target/lighter/lib
      [ -f registry-server/target/lighter/lighter.jar ] || echo whole >registry-server/target/lighter/lighter.jar
      """;

  private static final String IS_KILLED =
      """
      mkdir -p registry-server/target/lighter/lib
      echo half >registry-server/target/lighter/lighter.jar
      kill -KILL "$(readlink registry-server/target/.launcher-build)"
      """;

  private static final String FAILS =
      """
      echo 'no such symbol'
      exit 1
      """;

  @TempDir private Path folder;
  private Path tree;
  private Path jar;

  private record Ended(int code, String output) {}

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectories(folder.resolve("tree"));
    jar = tree.resolve("registry-server/target/lighter/lighter.jar");
    Files.copy(Path.of("..", "lighter"), tree.resolve("lighter"));
    script(tree.resolve("lighter"));
    Files.createFile(tree.resolve("pom.xml"));
    Path sources = Files.createDirectories(tree.resolve("registry-server/src/main"));
    Files.createFile(sources.resolve("Main.java"));
    Path jdk = folder.resolve("jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\necho \"java $*\"\n");
    script(jdk.resolve("bin/java"));
    Files.createDirectory(folder.resolve("bin"));
  }

  @Test
  void start_firstUse_builds() throws Exception {
    maven(BUILDS);

    Ended first = start("--version");
    assertThat(first.code()).isZero();
    assertThat(first.output()).contains("lighter: building").contains("-jar " + jar + " --version");
    assertThat(start("--version").output()).as("nothing changed").doesNotContain("building");
  }

  @Test
  void start_buildWasKilled_buildsAnew() throws Exception {
    maven(IS_KILLED);
    assertThat(start("--version").code()).isEqualTo(128 + 9);
    assertThat(jar).hasContent("half");

    maven(BUILDS);
    Ended next = start("--version");
    assertThat(next.code()).isZero();
    assertThat(next.output()).contains("lighter: building");
    assertThat(jar).hasContent("whole");
  }

  /**
   * Maven notes what it has unpacked. A note that outlives what was unpacked would have every later
   * start unpack RocksDB's library by itself, which takes a fifth of a start.
   */
  @Test
  void start_buildWasKilled_whatMavenNotedIsForgotten() throws Exception {
    var setting = Pattern.compile("<markersDirectory>\\$\\{project.build.directory}/(.*?)</");
    Matcher noted = setting.matcher(Files.readString(Path.of("pom.xml")));
    assertThat(noted.find()).isTrue();
    String notes = "registry-server/target/" + noted.group(1);
    maven("mkdir -p " + notes + "\n" + IS_KILLED);
    assertThat(start("--version").code()).isEqualTo(128 + 9);
    assertThat(tree.resolve(notes)).exists();

    maven(BUILDS);
    assertThat(start("--version").code()).isZero();
    assertThat(tree.resolve(notes)).doesNotExist();
  }

  @Test
  void start_buildFails_saysWhatMavenSaid() throws Exception {
    maven(FAILS);
    Ended failed = start("--version");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.output()).contains("no such symbol", "lighter: the build failed");

    maven(BUILDS);
    assertThat(start("--version").code()).isZero();
  }

  private void maven(String does) throws IOException {
    Files.writeString(folder.resolve("bin/mvn"), "#!/bin/sh\n" + does);
    script(folder.resolve("bin/mvn"));
  }

  private Ended start(String... arguments) throws IOException, InterruptedException {
    var command = new ProcessBuilder(tree.resolve("lighter").toString());
    command.command().addAll(List.of(arguments));
    command.environment().clear();
    command.environment().put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
    command.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    Process process = command.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), output);
  }

  private static void script(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
