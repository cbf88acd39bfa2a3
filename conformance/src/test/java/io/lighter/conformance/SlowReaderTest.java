package io.lighter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A hundred clients that stop reading do not stop the others, and get their bytes in the end. */
@ExtendWith(RegistryExtension.class)
class SlowReaderTest {
  private static final int SIZE = 12 << 20;

  private final Registry registry;
  private final Repository repository;
  private final Content blob = Content.random(SIZE);

  SlowReaderTest(Registry registry) {
    this.registry = registry;
    this.repository = registry.repository();
    repository.push(blob);
  }

  @Test
  void hundredStoppedReaders_wholeBodies_othersAtOnce() {
    assertOthersServed("bytes=0-", blob.bytes(), 206);
  }

  @Test
  void hundredStoppedReaders_manyParts_othersAtOnce() {
    assertOthersServed("bytes=0-5999999,6000000-", new byte[0], 206);
  }

  private void assertOthersServed(String range, byte[] expected, int status) {
    String path = repository.path("blobs/" + blob.digest());
    List<Wire> stopped = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        var wire = registry.connectNarrow();
        stopped.add(wire);
        wire.send("GET", path, "Range: " + range).readRaw(1);
      }
      long start = System.nanoTime();
      try (var other = registry.connect()) {
        for (int i = 0; i < 100; i++) {
          int first = i * 50_000;
          var answer =
              other.send("GET", path, "Range: bytes=" + first + '-' + (first + 49_999)).read();
          assertThat(answer.body()).isEqualTo(blob.slice(first, first + 50_000));
        }
      }
      assertThat(repository.manifest("missing").statusCode()).isEqualTo(404);
      repository.pushImage();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      var late = stopped.getLast().readAfterFirstByte();
      assertThat(late.status()).isEqualTo(status);
      if (expected.length > 0) {
        assertThat(late.body()).isEqualTo(expected);
      }
    } finally {
      stopped.forEach(Wire::close);
    }
  }
}
