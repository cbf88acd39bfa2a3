package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Module.Location;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Which of a module's files are read: its source, what it was compiled to, or both (PEP 552). */
final class CompiledFiles {

  private static final int HEADER = 16;
  private static final int HASHED = 1;
  private static final int CHECKED = 2;

  private final Start start;
  private final String suffix;
  private final String prefix;

  CompiledFiles(Start start, int minor, CommandLine line) {
    this.start = start;
    this.suffix =
        ".cpython-3"
            + minor
            + (line.optimization() > 0 ? ".opt-" + line.optimization() : "")
            + ".pyc";
    this.prefix = line.pycachePrefix();
  }

  /** Takes in what an import of a source reads. */
  void read(Location source, Reason reason) {
    Optional<ImageFile> compiled = compiled(source);
    compiled.ifPresent(file -> start.reads(file, reason));
    if (compiled.isEmpty() || !isValid(compiled.get(), source.file())) {
      start.reads(source.file(), reason);
    }
  }

  private Optional<ImageFile> compiled(Location source) {
    String name = source.fileName().substring(0, source.fileName().length() - 3) + suffix;
    if (!prefix.isEmpty()) {
      return start.file(prefix + source.directory().path() + "/" + name);
    }
    return start
        .image()
        .find(source.directory(), "__pycache__/" + name)
        .filter(ImageFile::isRegular);
  }

  private boolean isValid(ImageFile compiled, ImageFile source) {
    byte[] header = start.content(compiled, 0, HEADER);
    if (header.length < HEADER) {
      return false;
    }
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    int flags = fields.getInt(4);
    if ((flags & HASHED) != 0) {
      return (flags & CHECKED) == 0;
    }
    return flags == 0
        && fields.getInt(8) == source.modified().orElse(0L).intValue()
        && fields.getInt(12) == (int) source.size();
  }
}
