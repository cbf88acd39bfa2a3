package io.lighter.storage.local;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The disk that a directory is on. Thread-safe and blocking, though not for longer than the system
 * needs to say how much is free.
 */
public final class LocalDisk implements DiskFloor.Disk {
  private final Path directory;

  public LocalDisk(Path directory) {
    this.directory = directory;
  }

  @Override
  public long free() {
    return ask(FileStore::getUsableSpace);
  }

  @Override
  public long total() {
    return ask(FileStore::getTotalSpace);
  }

  private long ask(Question question) {
    try {
      return question.answer(Files.getFileStore(directory));
    } catch (IOException e) {
      throw DiskFailures.of("ask for the free space", directory, e);
    }
  }

  @FunctionalInterface
  private interface Question {
    long answer(FileStore disk) throws IOException;
  }
}
