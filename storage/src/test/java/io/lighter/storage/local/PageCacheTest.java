package io.lighter.storage.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class PageCacheTest {
  private static final int SIZE = 4 << 20;

  private final PageCache cache = PageCache.detect().orElseThrow();
  private final byte[] content = new byte[SIZE];

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    new Random(1).nextBytes(content);
    file = Files.write(directory.resolve("file"), content);
  }

  @Test
  void read_cached_givesTheBytes() throws IOException {
    try (var open = cache.open(file)) {
      var target = ByteBuffer.allocateDirect(100_000);
      target.position(10);

      assertThat(open.read(target, 12_345)).isEqualTo(99_990);
      assertThat(target.remaining()).isZero();
      var read = new byte[99_990];
      target.position(10).get(read);
      assertThat(read).isEqualTo(Arrays.copyOfRange(content, 12_345, 12_345 + 99_990));
      assertThat(open.holds(0, SIZE)).isTrue();
      assertThat(open.holds(4095, 2)).isTrue();
      assertThat(open.holds(SIZE - 1, 1)).isTrue();
    }
  }

  @Test
  void read_atTheEnd_isShort() throws IOException {
    try (var open = cache.open(file)) {
      assertThat(open.read(ByteBuffer.allocateDirect(1000), SIZE - 10)).isEqualTo(10);
      assertThat(open.read(ByteBuffer.allocateDirect(1000), SIZE)).isZero();
    }
  }

  @Test
  void read_notInMemory_doesNotWait() throws IOException, InterruptedException {
    dropFromMemory();
    try (var open = cache.open(file)) {
      assertThat(open.holds(0, SIZE)).isFalse();
      assertThat(open.holds(1 << 20, 4096)).isFalse();
      assertThat(open.read(ByteBuffer.allocateDirect(4096), 1 << 20)).isZero();

      Files.readAllBytes(file);
      assertThat(open.holds(0, SIZE)).isTrue();
    }
  }

  @Test
  void read_beyondFourGibibytes_givesThoseBytes() throws IOException {
    Path sparse = directory.resolve("sparse");
    long position = (5L << 30) + 1234;
    try (var access = new RandomAccessFile(sparse.toFile(), "rw")) {
      access.seek(position);
      access.writeInt(42);
    }
    try (var open = cache.open(sparse)) {
      var bytes = ByteBuffer.allocateDirect(4);
      assertThat(open.read(bytes, position)).isEqualTo(4);
      assertThat(bytes.flip().getInt()).isEqualTo(42);
      assertThat(open.holds(position, 4)).isTrue();
    }
  }

  /** What is not written to the disk yet cannot be dropped. */
  private void dropFromMemory() throws IOException, InterruptedException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    var drop =
        new ProcessBuilder("dd", "if=" + file, "iflag=nocache", "count=0", "status=none")
            .inheritIO()
            .start();
    assertThat(drop.waitFor()).isZero();
  }

  @Test
  void open_missing_fails() {
    assertThatThrownBy(() -> cache.open(directory.resolve("none"))).isInstanceOf(IOException.class);
  }
}
