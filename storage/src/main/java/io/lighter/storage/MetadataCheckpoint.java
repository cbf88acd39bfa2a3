package io.lighter.storage;

import java.nio.file.Path;
import java.util.function.Consumer;

/** Metadata that can be copied while it is in use. Thread-safe and blocking. */
@FunctionalInterface
public interface MetadataCheckpoint {

  /**
   * Makes a copy of all metadata as it is at one moment, durable when this returns.
   *
   * @param directory where the copy goes; must not exist, its parent must
   * @param blobs is then told of every blob that the copy has indexed
   */
  void copyTo(Path directory, Consumer<BlobInfo> blobs);
}
