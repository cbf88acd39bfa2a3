package io.lighter.storage.local;

import io.lighter.storage.gc.CacheSpace;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Instant;

/** The disk that a {@link FileBlobStore} is on. */
public final class LocalCacheSpace implements CacheSpace {
  private final BlobLayout layout;
  private final FileBlobStore store;

  public LocalCacheSpace(BlobLayout layout, FileBlobStore store) {
    this.layout = layout;
    this.store = store;
  }

  @Override
  public long free() {
    return ask(FileStore::getUsableSpace);
  }

  @Override
  public long total() {
    return ask(FileStore::getTotalSpace);
  }

  @Override
  public long partialBytes() {
    return store.partialBytes();
  }

  @Override
  public int removePartials(Instant untouchedSince) {
    return store.removePartials(untouchedSince);
  }

  private long ask(Question question) {
    try {
      return question.answer(Files.getFileStore(layout.root()));
    } catch (IOException e) {
      throw DiskFailures.of("ask for the free space", layout.root(), e);
    }
  }

  @FunctionalInterface
  private interface Question {
    long answer(FileStore disk) throws IOException;
  }
}
