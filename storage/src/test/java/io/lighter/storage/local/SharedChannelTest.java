package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.digest;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.storage.BlobSource;
import io.lighter.storage.Together;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedChannelTest {
  private static final byte[] CONTENT = {1, 2, 3, 4};

  @TempDir Path directory;

  @Test
  void lease_releasedByAll_neverAgain() throws IOException {
    var channel = open();
    var shared = new SharedChannel(digest(1), channel, CONTENT.length, null);

    shared.release();

    for (int i = 0; i < 3; i++) {
      assertThat(shared.lease()).isEmpty();
    }
    await().until(() -> !channel.isOpen());
  }

  @Test
  void lease_againstTheLastRelease_readableOrEmpty() throws Exception {
    for (int round = 0; round < 50; round++) {
      var channel = open();
      var shared = new SharedChannel(digest(1), channel, CONTENT.length, null);
      Together.<Boolean>run(
          6,
          number ->
              () -> {
                if (number == 0) {
                  shared.release();
                }
                // Bounded, because those who lease in turn could keep it open for ever.
                var lease = shared.lease();
                for (int i = 0; i < 100 && lease.isPresent(); i++) {
                  try (var source = lease.get()) {
                    assertThat(readAll(source)).isEqualTo(CONTENT);
                  }
                  lease = shared.lease();
                }
                lease.ifPresent(BlobSource::close);
                return true;
              });
      await().until(() -> !channel.isOpen());
    }
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        Files.write(directory.resolve("file"), CONTENT), StandardOpenOption.READ);
  }
}
