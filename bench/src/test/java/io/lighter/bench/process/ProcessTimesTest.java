package io.lighter.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lighter.bench.load.BenchException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessTimesTest {
  /** A shell that does nothing itself, and a child of it that counts until it is told to stop. */
  private static Process busyChild() throws IOException {
    return new ProcessBuilder("sh", "-c", "(while :; do :; done) & wait").start();
  }

  @Test
  void since_busyChild_countsIt() throws IOException, InterruptedException {
    Process shell = busyChild();
    try {
      ProcessTimes before = ProcessTimes.read(Set.of(shell.pid()));
      long used = 0;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (used < 200_000_000 && System.nanoTime() - end < 0) {
        assertThat(shell.waitFor(50, TimeUnit.MILLISECONDS)).isFalse();
        used = ProcessTimes.read(Set.of(shell.pid())).since(before);
      }
      assertThat(used).isGreaterThanOrEqualTo(200_000_000);
    } finally {
      shell.descendants().forEach(ProcessHandle::destroy);
      shell.destroy();
    }
  }

  @Test
  void since_idleProcess_isNextToNothing() throws IOException, InterruptedException {
    Process sleeper = new ProcessBuilder("sleep", "60").start();
    try {
      ProcessTimes before = ProcessTimes.read(Set.of(sleeper.pid()));
      assertThat(sleeper.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(ProcessTimes.read(Set.of(sleeper.pid())).since(before)).isLessThan(50_000_000);
    } finally {
      sleeper.destroy();
    }
  }

  @Test
  void read_noSuchProcess_isRefused() {
    assertThatThrownBy(() -> ProcessTimes.read(Set.of(999_999_999L)))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("999999999");
  }
}
