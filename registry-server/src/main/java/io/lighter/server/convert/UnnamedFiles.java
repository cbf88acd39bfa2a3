package io.lighter.server.convert;

import io.lighter.conversion.ScratchSpace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Temporary files that have no name once they are open, so that nothing is left of them when they
 * are closed or the process is killed. Thread-safe.
 *
 * @param directory where they take their room; exists
 */
public record UnnamedFiles(Path directory) implements ScratchSpace {

  @Override
  public SeekableByteChannel open() throws IOException {
    Path path = Files.createTempFile(directory, "conversion-", ".tmp");
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(path);
    }
  }
}
