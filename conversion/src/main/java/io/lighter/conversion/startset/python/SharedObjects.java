package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;

/** Shared objects that a program opens by name, with {@code ctypes}. */
final class SharedObjects {

  private static final List<String> DIRECTORIES =
      List.of(
          "/usr/local/lib",
          "/lib/x86_64-linux-gnu",
          "/usr/lib/x86_64-linux-gnu",
          "/lib/aarch64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib");

  private final Start start;

  SharedObjects(Start start) {
    this.start = start;
  }

  /** Takes in a library that is named as for {@code dlopen}, or as for a linker. */
  void load(String name, Frame frame) {
    find(name)
        .ifPresent(object ->
            start.loads(
                object,
                new Reason(
                    Frame.weaker(frame.certainty(), Certainty.LIKELY),
                    "opened by " + frame.module().name())));
  }

  private Optional<ImageFile> find(String name) {
    if (name.contains("/")) {
      return start.file(name);
    }
    String prefix = name.contains(".so") ? name : "lib" + name + ".so";
    for (String directory : DIRECTORIES) {
      Optional<ImageFile> object =
          start.image().directory(directory).stream()
              .flatMap(place -> place.children().keySet().stream())
              .filter(there -> there.equals(prefix) || there.startsWith(prefix + "."))
              .flatMap(there -> start.image().file(directory + "/" + there).stream())
              .findFirst();
      if (object.isPresent()) {
        return object;
      }
    }
    return Optional.empty();
  }
}
