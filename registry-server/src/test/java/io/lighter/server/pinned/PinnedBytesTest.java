package io.lighter.server.pinned;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lighter.conversion.ConversionLimits;
import io.lighter.conversion.LayerConverter;
import io.lighter.conversion.gzip.GzipEncoders;
import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.HotList;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.HotListFile;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinnedBytesTest {
  private static final long LIMIT = 4 << 20;
  private static final long WHOLE = Long.MAX_VALUE;

  @TempDir private Path directory;
  private StoreDirectory data;
  private RocksStores stores;
  private FileBlobStore blobs;
  private HotList saved;
  private PinnedBytes pins;

  @BeforeEach
  void open() {
    data = new StoreDirectory(directory);
    stores =
        new RocksStores(data.layout().metadata(), 8 << 20, Clock.systemUTC(), Duration.ofHours(1));
    blobs = new FileBlobStore(data.layout(), stores.blobIndex(), 16);
    saved = new HotListFile(data.layout());
    pins = new PinnedBytes(LIMIT, blobs, saved);
    pins.start();
  }

  @AfterEach
  void close() {
    pins.close();
    blobs.close();
    stores.close();
    data.close();
  }

  @Test
  void find_lazyLayer_hasItsBeginAndItsEndAfterTheFirstLook() {
    byte[] layer = lazyLayer(300_000);
    Digest digest = stored(layer);

    assertThat(find(digest, 0, "a")).isNull();
    await().until(() -> pins.bytes(PinnedBytes.Kind.FRONT) > 0);

    assertThat(find(digest, 0, "a")).isEqualTo(Arrays.copyOf(layer, 50_000));
    assertThat(find(digest, 49_999, "a")).isEqualTo(new byte[] {layer[49_999]});
    int footer = layer.length - 51;
    assertThat(find(digest, footer, "a"))
        .isEqualTo(Arrays.copyOfRange(layer, footer, layer.length));
    assertThat(find(digest, 100_000, "a")).as("neither begin nor end").isNull();
    assertThat(pins.hits(PinnedBytes.Kind.FRONT)).isEqualTo(2);
    assertThat(pins.hits(PinnedBytes.Kind.TOC)).isEqualTo(1);
    assertThat(pins.misses(PinnedBytes.Kind.WINDOW)).isEqualTo(1);
  }

  @Test
  void find_blobThatIsNoLazyLayer_isNeverPinned() {
    var content = new byte[100_000];
    Digest plain = stored(content);
    find(plain, 0, "a");
    Digest lazy = stored(lazyLayer(100));
    find(lazy, 0, "a");
    await().until(() -> pins.bytes(PinnedBytes.Kind.TOC) > 0);

    assertThat(find(plain, 0, "a")).isNull();
  }

  @Test
  void find_windowThatThreeNodesAsked_isPinnedForTheFourth() {
    byte[] layer = lazyLayer(300_000);
    Digest digest = stored(layer);
    find(digest, 0, "a");
    await().until(() -> pins.bytes(PinnedBytes.Kind.FRONT) > 0);

    assertThat(pins.find(digest, 100_000, 50_000, "a")).isNull();
    assertThat(pins.find(digest, 100_000, 50_000, "a")).isNull();
    assertThat(pins.find(digest, 100_000, 50_000, "b")).isNull();
    assertThat(pins.bytes(PinnedBytes.Kind.WINDOW)).isZero();
    assertThat(pins.find(digest, 100_000, 50_000, "c")).isNull();
    await().until(() -> pins.bytes(PinnedBytes.Kind.WINDOW) == 50_000);
    assertThat(find(digest, 100_000, "d")).isEqualTo(Arrays.copyOfRange(layer, 100_000, 150_000));
  }

  @Test
  void pins_areNeverMoreThanAllowed() {
    for (int i = 0; i < 60; i++) {
      Digest digest = stored(lazyLayer(100_000 + i));
      for (int k = 0; k < 3; k++) {
        find(digest, 0, "a");
      }
    }
    await().until(() -> all() > LIMIT / 2);
    assertThat(all()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void blobsRemoved_pinsOfWhatIsGone_goSoon() {
    Digest gone = stored(lazyLayer(1000));
    find(gone, 0, "a");
    await().until(() -> pins.bytes(PinnedBytes.Kind.TOC) > 0);

    blobs.delete(gone);
    pins.blobsRemoved();

    await().atMost(Duration.ofSeconds(30)).until(() -> all() == 0);
    assertThat(find(gone, 0, "a")).isNull();
  }

  @Test
  void start_afterAStop_pinsAgainWhatWasReadMost() {
    byte[] layer = lazyLayer(1000);
    Digest digest = stored(layer);
    find(digest, 0, "a");
    await().until(() -> pins.bytes(PinnedBytes.Kind.TOC) > 0);
    pins.close();
    assertThat(saved.load()).containsExactly(digest);

    pins = new PinnedBytes(LIMIT, blobs, saved);
    pins.start();

    await().until(() -> pins.bytes(PinnedBytes.Kind.FRONT) > 0);
    assertThat(find(digest, 0, "a")).isEqualTo(layer);
  }

  /** What is being written when its pin goes must not change under the writer. */
  @Test
  void find_pinGoesMeanwhile_bytesStay() {
    byte[] layer = lazyLayer(1000);
    Digest digest = stored(layer);
    find(digest, 0, "a");
    await().until(() -> pins.bytes(PinnedBytes.Kind.TOC) > 0);
    ByteBuf held = requireNonNull(pins.find(digest, 0, WHOLE, "a"));

    pins.close();

    assertThat(ByteBufUtil.getBytes(held)).isEqualTo(layer);
    assertThat(held.release()).as("nobody else holds it").isTrue();
  }

  @Test
  void find_noMemoryAllowed_pinsNothing() {
    try (var none = new PinnedBytes(0, blobs, saved)) {
      none.start();
      Digest digest = stored(lazyLayer(1000));
      none.look(digest);
      assertThat(none.find(digest, 0, WHOLE, "a")).isNull();
    }
  }

  private long all() {
    return Arrays.stream(PinnedBytes.Kind.values()).mapToLong(pins::bytes).sum();
  }

  private byte @Nullable [] find(Digest digest, long position, String reader) {
    ByteBuf found = pins.find(digest, position, WHOLE, reader);
    if (found == null) {
      return null;
    }
    try {
      return ByteBufUtil.getBytes(found);
    } finally {
      found.release();
    }
  }

  private Digest stored(byte[] content) {
    Digest digest = Digest.ofSha256(content);
    try (var writer = blobs.newWriter()) {
      writer.append(ByteBuffer.wrap(content));
      BlobInfo blob = writer.commit(digest);
      return blob.digest();
    }
  }

  /** A layer of one file of random bytes. */
  private static byte[] lazyLayer(int size) {
    var tar = new ByteArrayOutputStream();
    var content = new byte[size];
    new Random(size).nextBytes(content);
    var converted = new ByteArrayOutputStream();
    try (var archive = new TarArchiveOutputStream(tar)) {
      var entry = new TarArchiveEntry("file");
      entry.setSize(size);
      archive.putArchiveEntry(entry);
      archive.write(content);
      archive.closeArchiveEntry();
      archive.finish();
      new LayerConverter(GzipEncoders.detect(), ConversionLimits.DEFAULT, Runnable::run, 1)
          .convert(new ByteArrayInputStream(tar.toByteArray()), converted);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return converted.toByteArray();
  }
}
