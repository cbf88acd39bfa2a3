package io.lighter.storage.rocksdb;

import io.lighter.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * RocksDB's native objects from one opening to its closing. Whoever uses them makes sure that
 * nobody closes them meanwhile: that would crash the process.
 */
final class OpenRocks implements AutoCloseable {
  private final NativeResources resources = new NativeResources();
  private final RocksDB rocks;
  private final Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
  private final WriteOptions synced;
  private final ReadOptions reading;

  private enum Mode {
    READ_WRITE,
    READ_ONLY
  }

  private OpenRocks(Path directory, long memory, Mode mode) {
    NativeLibrary.load();
    var opened = new ArrayList<ColumnFamilyHandle>();
    try {
      Files.createDirectories(directory);
      requireCurrent(directory);
      var settings = new RocksSettings(memory, resources);
      synced = resources.own(new WriteOptions()).setSync(true);
      reading = resources.own(new ReadOptions());
      List<ColumnFamilyDescriptor> families = descriptors(settings.families());
      String path = directory.toString();
      rocks =
          resources.own(
              switch (mode) {
                case READ_WRITE -> RocksDB.open(settings.database(), path, families, opened);
                case READ_ONLY -> RocksDB.openReadOnly(settings.database(), path, families, opened);
              });
    } catch (RocksDBException e) {
      resources.close();
      throw RocksFailures.of("open the metadata in " + directory, e);
    } catch (IOException e) {
      resources.close();
      throw new StorageException.Unavailable("cannot create the directory " + directory, e);
    }
    opened.forEach(resources::own);
    var handle = opened.iterator();
    handle.next(); // of "default"
    for (var family : Family.values()) {
      handles.put(family, handle.next());
    }
  }

  /** Without that file RocksDB would take the database for a new one, and remove what is there. */
  private static void requireCurrent(Path directory) throws IOException {
    if (Files.exists(directory.resolve("CURRENT"))) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(OpenRocks::holdsContent)
          .findAny()
          .ifPresent(content -> {
            throw new StorageException.Corrupt(
                "cannot open the metadata in %s: there is %s, but no file CURRENT"
                    .formatted(directory, content.getFileName()),
                null);
          });
    }
  }

  private static boolean holdsContent(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || (name.endsWith(".log") && file.toFile().length() > 0);
  }

  /**
   * Opens the database and creates what is missing of it.
   *
   * @param memory bytes that RocksDB may hold outside the heap
   * @throws StorageException.Unavailable if another process has it open, or it cannot be opened
   * @throws StorageException.Corrupt if it is damaged
   */
  static OpenRocks open(Path directory, long memory) {
    return new OpenRocks(directory, memory, Mode.READ_WRITE);
  }

  /** Opens a database that stays as it is. */
  static OpenRocks readOnly(Path directory, long memory) {
    return new OpenRocks(directory, memory, Mode.READ_ONLY);
  }

  /** RocksDB insists on its family "default", which stays empty. */
  private static List<ColumnFamilyDescriptor> descriptors(ColumnFamilyOptions options) {
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, options));
    for (var family : Family.values()) {
      descriptors.add(new ColumnFamilyDescriptor(family.storedName(), options));
    }
    return descriptors;
  }

  RocksDB rocks() {
    return rocks;
  }

  WriteOptions synced() {
    return synced;
  }

  ReadOptions reading() {
    return reading;
  }

  ColumnFamilyHandle handle(Family family) {
    var handle = handles.get(family);
    if (handle == null) {
      throw new IllegalStateException("every family was opened, but not " + family);
    }
    return handle;
  }

  /** How often a flush or compaction has failed since the opening. */
  long backgroundErrors() throws RocksDBException {
    return rocks.getLongProperty("rocksdb.background-errors");
  }

  @Override
  public void close() {
    rocks.cancelAllBackgroundWork(true);
    resources.close();
  }
}
