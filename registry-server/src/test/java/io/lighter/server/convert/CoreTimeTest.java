package io.lighter.server.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoreTimeTest {
  @TempDir private Path folder;

  @Test
  @EnabledOnOs(LINUX)
  void ofThisThread_thatWorks_grows() {
    CoreTime then = CoreTime.ofThisThread();
    long end = System.nanoTime() + Duration.ofMillis(50).toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    CoreTime piece = CoreTime.ofThisThread().since(then);

    // On a core or waiting for one: the thread did nothing else.
    assertThat(piece.ran() + piece.waited())
        .isBetween(Duration.ofMillis(40).toNanos(), Duration.ofSeconds(20).toNanos());
    assertThat(piece.ran()).isPositive();
  }

  @Test
  void read_linux_hasBothTimes() throws IOException {
    assertThat(CoreTime.read(file("960032 3402340 2\n"))).isEqualTo(new CoreTime(960032, 3402340));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "960032", "a b c", "1 99999999999999999999 1"})
  void read_anythingElse_isUnknown(String content) throws IOException {
    assertThat(CoreTime.read(file(content))).isEqualTo(CoreTime.UNKNOWN);
  }

  @Test
  void read_noFile_isUnknown() {
    assertThat(CoreTime.read(folder.resolve("none"))).isEqualTo(CoreTime.UNKNOWN);
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("schedstat"), content);
  }
}
