package io.lighter.storage.local;

import io.lighter.storage.BackupReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code backup.json}: what makes a directory a backup. */
final class BackupFile {
  private static final String NAME = "backup.json";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private BackupFile() {}

  /** Writes it durably into a directory that does not have it. */
  static void write(Path directory, BackupReport report) throws IOException {
    try (var channel =
        FileChannel.open(
            directory.resolve(NAME), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(report));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Directories.sync(directory);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException if the directory is no backup
   */
  static BackupReport read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s is no complete backup: it has no %s".formatted(directory, NAME));
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), BackupReport.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s is not readable: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }
}
