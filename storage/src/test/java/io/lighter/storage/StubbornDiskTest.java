package io.lighter.storage;

import static io.lighter.storage.Fixtures.image;
import static io.lighter.storage.StubbornDiskWriter.REPOSITORY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that refuses writes for another reason than being full, and takes them again later. The
 * kernel plays it: a process may be forbidden to let files grow.
 */
class StubbornDiskTest {
  @TempDir Path root;

  @Test
  void writeFails_diskRecovers_writesGoOnWithoutARestart() throws Exception {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                StubbornDiskWriter.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    // Reading what it says cannot be interrupted, but ends with it.
    CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS).execute(writer::destroyForcibly);
    List<Integer> acknowledged = new ArrayList<>();
    try (var output = new BufferedReader(writer.inputReader(UTF_8))) {
      readUntil(output, "stored", 20, acknowledged);
      limitFiles(writer, "1000:");
      readUntil(output, "refused Unavailable", 3, acknowledged);
      limitFiles(writer, "unlimited:");
      readUntil(output, "stored", 20, acknowledged);
    } finally {
      writer.destroyForcibly();
      assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    try (var stores = new OpenStores(root)) {
      for (int number : acknowledged) {
        assertThat(stores.rocks().metadata().manifest(REPOSITORY, image(number).digest()))
            .contains(image(number));
      }
    }
  }

  /** Reads lines until one kind of them has come often enough. */
  private static void readUntil(
      BufferedReader output, String wanted, int times, List<Integer> acknowledged)
      throws IOException {
    int seen = 0;
    while (seen < times) {
      String line = output.readLine();
      assertThat(line).as("the writer lives, and the disk came back within a minute").isNotNull();
      assertThat(line).doesNotContain("unreadable");
      if (line.startsWith("stored ")) {
        acknowledged.add(Integer.valueOf(line.substring("stored ".length())));
      }
      if (line.startsWith(wanted)) {
        seen++;
      }
    }
  }

  private static void limitFiles(Process process, String limit) {
    try {
      Process prlimit =
          new ProcessBuilder("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + limit)
              .inheritIO()
              .start();
      assertThat(prlimit.waitFor()).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
