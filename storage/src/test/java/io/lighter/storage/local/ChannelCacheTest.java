package io.lighter.storage.local;

import static io.lighter.storage.Fixtures.digest;
import static io.lighter.storage.Fixtures.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelCacheTest {
  private static final byte[] CONTENT = {1, 2, 3, 4};

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.write(directory.resolve("file"), CONTENT);
  }

  @Test
  void lease_unknown_empty() {
    assertThat(new ChannelCache(4).lease(digest(1))).isEmpty();
  }

  @Test
  void lease_added_sharesTheChannel() throws IOException {
    var cache = new ChannelCache(4);
    FileChannel channel = openFile();
    try (var first = cache.add(digest(1), shared(digest(1), channel));
        var second = cache.lease(digest(1)).orElseThrow()) {
      assertThat(((BlobSource.LocalFile) second).channel()).isSameAs(channel);
      assertThat(readAll(first)).isEqualTo(CONTENT);
      assertThat(second.size()).isEqualTo(CONTENT.length);
    }
    assertThat(channel.isOpen()).isTrue();
    cache.clear();
    await().until(() -> !channel.isOpen());
  }

  @Test
  void remove_leased_closesAfterTheLastLease() throws IOException {
    var cache = new ChannelCache(4);
    FileChannel channel = openFile();
    var first = cache.add(digest(1), shared(digest(1), channel));
    var second = cache.lease(digest(1)).orElseThrow();

    cache.remove(digest(1));
    assertThat(cache.lease(digest(1))).isEmpty();
    first.close();
    first.close();
    assertThat(readAll(second)).isEqualTo(CONTENT);
    assertThat(channel.isOpen()).isTrue();

    second.close();
    await().until(() -> !channel.isOpen());
  }

  @Test
  void add_moreThanFit_evictsDownToTheSizeButNotLeasedFiles() throws IOException {
    var cache = new ChannelCache(4);
    FileChannel leased = openFile();
    var kept = cache.add(digest(0), shared(digest(0), leased));
    var channels = new ArrayList<FileChannel>();
    for (int number = 1; number < 50; number++) {
      FileChannel channel = openFile();
      channels.add(channel);
      cache.add(digest(number), shared(digest(number), channel)).close();
    }

    await().until(() -> open(channels) <= 4);
    assertThat(leased.isOpen()).isTrue();
    assertThat(readAll(kept)).isEqualTo(CONTENT);
    kept.close();
    cache.clear();
    await().until(() -> open(channels) == 0 && !leased.isOpen());
  }

  @Test
  void add_sameDigestTwice_firstClosesWhenItsLeasesDo() throws IOException {
    var cache = new ChannelCache(4);
    FileChannel first = openFile();
    FileChannel second = openFile();
    var lease = cache.add(digest(1), shared(digest(1), first));
    cache.add(digest(1), shared(digest(1), second)).close();

    assertThat(readAll(lease)).isEqualTo(CONTENT);
    lease.close();
    await().until(() -> !first.isOpen());
    assertThat(second.isOpen()).isTrue();
    cache.clear();
  }

  @Test
  void lease_channelClosedByAnInterruptedReader_emptySoThatItIsOpenedAnew() throws IOException {
    var cache = new ChannelCache(4);
    FileChannel channel = openFile();
    cache.add(digest(1), shared(digest(1), channel)).close();
    channel.close();

    assertThat(cache.lease(digest(1))).isEmpty();
  }

  @Test
  void channel_afterClose_refused() throws IOException {
    var cache = new ChannelCache(4);
    var lease = (BlobSource.LocalFile) cache.add(digest(1), shared(digest(1), openFile()));
    lease.close();
    assertThatThrownBy(lease::channel).isInstanceOf(IllegalStateException.class);
    cache.clear();
  }

  private FileChannel openFile() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static SharedChannel shared(Digest digest, FileChannel channel) {
    return new SharedChannel(digest, channel, CONTENT.length, null);
  }

  private static long open(List<FileChannel> channels) {
    return channels.stream().filter(FileChannel::isOpen).count();
  }
}
