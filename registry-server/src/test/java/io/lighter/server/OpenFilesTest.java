package io.lighter.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is answered of a blob, its file is let go of again. */
class OpenFilesTest {
  /** {@code storage.openBlobs} of the server under test. */
  private static final int OPEN_BLOBS = 64;

  private static final int BLOBS = 3 * OPEN_BLOBS;

  @TempDir private Path data;

  @Test
  void answers_ofManyBlobs_openFilesStayBelowTheCap() {
    try (var server = TestServer.start(data, 0)) {
      for (int number = 0; number < BLOBS; number++) {
        byte[] content = ByteBuffer.allocate(64).putInt(number).array();
        Digest digest = Digest.ofSha256(content);
        server.pushBlob("app", digest, content);
        String path = "/v2/app/blobs/" + digest;
        for (int time = 0; time < 2; time++) { // The second one is answered by the event loop.
          assertThat(server.get(path).body()).isEqualTo(content);
          assertThat(server.head(path).statusCode()).isEqualTo(200);
          assertThat(server.get(path, "Range", "bytes=1-2").statusCode()).isEqualTo(206);
          assertThat(server.get(path, "Range", "bytes=1-2,5-6").statusCode()).isEqualTo(206);
          assertThat(server.get(path, "Range", "bytes=99-").statusCode()).isEqualTo(416);
          assertThat(server.get(path, "If-None-Match", "*").statusCode()).isEqualTo(304);
        }
        // Looked at all along: the JVM closes after some time what nobody refers to any more.
        assertThat(openBlobs()).isBetween(1L, 2 * (OPEN_BLOBS + 16L));
      }
    }
  }

  private long openBlobs() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(this::isBlob).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isBlob(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(data.resolve("blobs"));
    } catch (IOException _) {
      return false; // Closed meanwhile.
    }
  }
}
