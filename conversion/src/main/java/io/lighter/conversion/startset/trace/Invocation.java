package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.List;

/**
 * A program as it is executed.
 *
 * @param program the file itself, links followed: {@code /usr/bin/python3.11}
 * @param path absolute, as it was called or found in {@code PATH}: {@code /venv/bin/python}
 * @param arguments without the program's own name
 */
public record Invocation(ImageFile program, String path, List<String> arguments) {

  public Invocation {
    arguments = List.copyOf(arguments);
  }

  /** Name that it was called by, without directories. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
