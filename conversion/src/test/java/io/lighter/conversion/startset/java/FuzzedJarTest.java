package io.lighter.conversion.startset.java;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Jars, class files and files of arguments with bytes changed and cut off. */
class FuzzedJarTest {

  @Test
  void follow_mutatedFiles_endsWithoutException() throws IOException {
    var random = new Random(5);
    byte[] jar = Jars.jar("Main-Class", "a.Main", "Class-Path", "lib/a.jar ../app/classes/ .");
    byte[] arguments =
        "-cp 'app.jar:classes:*' \"-Dx=\\\\y\" # end\na.Main".getBytes(StandardCharsets.UTF_8);
    byte[] code;
    try (InputStream in = FuzzedJarTest.class.getResourceAsStream("FuzzedJarTest.class")) {
      code = in == null ? new byte[0] : in.readAllBytes();
    }
    for (int i = 0; i < 300; i++) {
      StartupSet set =
          new ImageBuilder()
              .executable("/usr/bin/java", "program")
              .file("/usr/lib/jvm.cfg", "")
              .file(
                  "/usr/release",
                  mutated("JAVA_VERSION=\"17.0.1\"".getBytes(StandardCharsets.UTF_8), random))
              .file("/app/app.jar", mutated(jar, random))
              .file("/app/lib/a.jar", mutated(jar, random))
              .file("/app/classes/a/Main.class", mutated(code, random))
              .file("/app/args", mutated(arguments, random))
              .start(
                  new JavaProgram(),
                  new ImageCommand(
                      i % 2 == 0 ? List.of("java", "@args") : List.of("java", "-jar", "app.jar"),
                      Map.of("PATH", "/usr/bin"),
                      "/app",
                      ""));

      assertThat(ImageBuilder.paths(set)).contains("/usr/bin/java");
      assertThat(set.cpu()).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void manifest_mutatedJars_alwaysEnds() {
    var random = new Random(6);
    byte[] jar = Jars.jar("Class-Path", "a.jar");
    for (int i = 0; i < 60; i++) {
      var image = new ImageBuilder().executable("/usr/bin/java", "p");
      for (int n = 0; n < 20; n++) {
        image.file("/app/%d.jar".formatted(n), mutated(jar, random));
      }

      StartupSet set =
          image.start(
              new JavaProgram(),
              new ImageCommand(
                  List.of("java", "-cp", "*", "A"), Map.of("PATH", "/usr/bin"), "/app", ""));

      assertThat(set.files()).hasSize(21);
    }
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int changes = random.nextInt(5); changes > 0; changes--) {
      // Headers are in front; most changes are made there.
      int reach = random.nextBoolean() ? Math.min(bytes.length, 64) : bytes.length;
      bytes[random.nextInt(reach)] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
