package io.lighter.storage.rocksdb;

import io.lighter.storage.BlobInfo;
import io.lighter.storage.MetadataCheckpoint;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Copies of the database: its immutable files by hard links where that is possible. */
final class RocksCheckpoint implements MetadataCheckpoint {
  private static final long READING_MEMORY = 8L << 20;
  private static final int PAGE = 1000;

  private final RocksDatabase database;

  RocksCheckpoint(RocksDatabase database) {
    this.database = database;
  }

  @Override
  public void copyTo(Path directory, Consumer<BlobInfo> blobs) {
    database.checkpoint(directory);
    // What the copy names is asked of the copy: the database has moved on.
    try (var copy = RocksDatabase.readOnly(directory, READING_MEMORY)) {
      byte[] from = Keys.all();
      List<View.Entry> page;
      do {
        page = copy.scan(Family.BLOBS, Keys.all(), from, PAGE);
        for (var entry : page) {
          blobs.accept(
              new BlobInfo(
                  BinaryDigest.decode(ByteBuffer.wrap(entry.key())),
                  Records.blob(entry.value()).size()));
          from = Arrays.copyOf(entry.key(), entry.key().length + 1);
        }
      } while (page.size() == PAGE);
    }
  }
}
