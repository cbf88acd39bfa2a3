package io.lighter.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AdaptiveByteBufAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * That a small heap does not keep Netty from using buffers again. The JVM of the tests has a larger
 * one, so each case has its own.
 */
class BufferReuseTest {
  private static final Pattern NETTY_OPTION = Pattern.compile("-Dio\\.netty\\.[\\w.]+=\\w+");

  @Test
  void launcherOptions_smallHeap_keepWhatWasReleased() throws Exception {
    List<String> options = options(Path.of("..", "lighter"));

    assertThat(kept(options)).isPositive();
    assertThat(kept(List.of())).as("without them they would not be needed").isZero();
  }

  @Test
  void imageOptions_areThoseOfTheLauncher() throws IOException {
    assertThat(options(Path.of("..", "image", "java.options")))
        .isNotEmpty()
        .isEqualTo(options(Path.of("..", "lighter")));
  }

  private static List<String> options(Path file) throws IOException {
    return NETTY_OPTION.matcher(Files.readString(file)).results().map(MatchResult::group).toList();
  }

  /** Bytes that Netty keeps of a buffer that was released, in a JVM with these options. */
  private static long kept(List<String> options) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Kept.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines = process.inputReader(UTF_8).lines().toList();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Long.parseLong(lines.getLast());
  }

  /** The program of that JVM; what it logs comes before its result. */
  static final class Kept {
    private Kept() {}

    public static void main(String[] arguments) {
      var allocator = new AdaptiveByteBufAllocator(true);
      allocator.directBuffer(100_000).release();
      System.out.println(allocator.metric().usedDirectMemory());
    }
  }
}
