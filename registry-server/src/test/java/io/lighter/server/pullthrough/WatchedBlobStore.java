package io.lighter.server.pullthrough;

import io.lighter.oci.Digest;
import io.lighter.storage.BlobInfo;
import io.lighter.storage.BlobSource;
import io.lighter.storage.BlobStore;
import io.lighter.storage.BlobWriter;
import io.lighter.storage.Extents;
import io.lighter.storage.PartialBlob;
import io.lighter.storage.UploadId;
import io.lighter.storage.local.FileBlobStore;
import io.lighter.storage.local.StoreDirectory;
import io.lighter.storage.rocksdb.RocksStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real store of blobs, watched: it counts what is open, fails on what the contract forbids, and
 * stops where a test wants it to.
 */
final class WatchedBlobStore implements BlobStore {
  private final StoreDirectory directory;
  private final RocksStores stores;
  private final FileBlobStore store;
  private final AtomicInteger openSources = new AtomicInteger();
  private final AtomicInteger openPartials = new AtomicInteger();
  private volatile Runnable beforeCommit = () -> {};
  private volatile Runnable beforeOpen = () -> {};

  WatchedBlobStore(Path root) {
    directory = new StoreDirectory(root);
    stores =
        new RocksStores(
            directory.layout().metadata(), 8 << 20, Clock.systemUTC(), Duration.ofHours(1));
    store = new FileBlobStore(directory.layout(), stores.blobIndex(), 8);
  }

  /** Runs on the committing thread before the blob becomes visible. */
  void beforeCommit(Runnable action) {
    beforeCommit = action;
  }

  /** Runs before a blob is looked up to be opened. */
  void beforeOpen(Runnable action) {
    beforeOpen = action;
  }

  int openSources() {
    return openSources.get();
  }

  int openPartials() {
    return openPartials.get();
  }

  /** Blobs that are there, partial ones that have a byte included. */
  long blobs() throws IOException {
    try (var whole = Files.walk(directory.layout().blobs());
        var parts = Files.walk(directory.layout().partials())) {
      return whole.filter(Files::isRegularFile).count()
          + parts
              .filter(file -> Files.isRegularFile(file) && length(file) > 0)
              .filter(file -> !file.toString().contains(".extents"))
              .count();
    }
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<BlobInfo> stat(Digest digest) {
    return store.stat(digest);
  }

  @Override
  public boolean isDamaged(Digest digest) {
    return store.isDamaged(digest);
  }

  @Override
  public BlobSource open(Digest digest) {
    beforeOpen.run();
    var source = new Source((BlobSource.LocalFile) store.open(digest));
    openSources.incrementAndGet();
    return source;
  }

  @Override
  public Optional<BlobSource> tryOpen(Digest digest) {
    return Optional.empty();
  }

  @Override
  public BlobWriter newWriter() {
    return store.newWriter();
  }

  @Override
  public BlobWriter newUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public BlobWriter resumeUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public void deleteUpload(UploadId id) {
    throw new UnsupportedOperationException("pull-through never uploads");
  }

  @Override
  public PartialBlob openPartial(Digest digest, long size) {
    var partial = new Partial(store.openPartial(digest, size));
    openPartials.incrementAndGet();
    return partial;
  }

  @Override
  public boolean delete(Digest digest) {
    return store.delete(digest);
  }

  @Override
  public void close() {
    store.close();
    stores.close();
    directory.close();
  }

  private final class Source implements BlobSource.LocalFile {
    private final BlobSource.LocalFile source;
    private boolean closed;

    Source(BlobSource.LocalFile source) {
      this.source = source;
    }

    @Override
    public FileChannel channel() {
      return source.channel();
    }

    @Override
    public long size() {
      return source.size();
    }

    @Override
    public int read(ByteBuffer target, long position) {
      return source.read(target, position);
    }

    @Override
    public int readCached(ByteBuffer target, long position) {
      return source.readCached(target, position);
    }

    @Override
    public boolean isCached(long position, long length) {
      return source.isCached(position, length);
    }

    @Override
    public synchronized void close() {
      if (closed) {
        throw new IllegalStateException("source closed twice");
      }
      closed = true;
      source.close();
      openSources.decrementAndGet();
    }
  }

  private final class Partial implements PartialBlob {
    private final PartialBlob partial;

    Partial(PartialBlob partial) {
      this.partial = partial;
    }

    @Override
    public long size() {
      return partial.size();
    }

    @Override
    public Extents present() {
      return partial.present();
    }

    @Override
    public void write(long position, ByteBuffer bytes) {
      partial.write(position, bytes);
    }

    @Override
    public int read(ByteBuffer target, long position) {
      return partial.read(target, position);
    }

    @Override
    public BlobInfo commit() {
      beforeCommit.run();
      return partial.commit();
    }

    @Override
    public void discard() {
      partial.discard();
    }

    @Override
    public void close() {
      partial.close();
      openPartials.decrementAndGet();
    }
  }
}
