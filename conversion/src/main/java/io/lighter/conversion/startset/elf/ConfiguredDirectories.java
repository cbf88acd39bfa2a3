package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Directories that configuration files name for the dynamic linker: {@code ld.so.conf} with what it
 * includes, and the path file of musl.
 */
final class ConfiguredDirectories {

  private static final int MAX_FILE = 64 << 10;

  private ConfiguredDirectories() {}

  /** What {@code ldconfig} makes its cache from. */
  static List<String> ofGlibc(Start start) {
    Set<String> directories = new LinkedHashSet<>();
    var open = new ArrayDeque<String>(List.of("/etc/ld.so.conf"));
    var seen = new HashSet<ImageFile>();
    while (!open.isEmpty()) {
      for (ImageFile file : PathGlob.files(start, open.remove())) {
        if (!seen.add(file)) {
          continue;
        }
        for (String line : start.text(file, MAX_FILE).lines().toList()) {
          start.checkpoint();
          String text = line.replaceFirst("#.*", "").strip();
          if (text.startsWith("include ") || text.startsWith("include\t")) {
            String pattern = text.substring(8).strip();
            open.add(pattern.startsWith("/") ? pattern : "/etc/" + pattern);
          } else if (text.startsWith("/")) {
            directories.add(text.replaceFirst("[ \t=].*", ""));
          }
        }
      }
    }
    return List.copyOf(directories);
  }

  /** Where musl looks: what its path file says, or its defaults. */
  static List<String> ofMusl(Start start, String architecture) {
    return start
        .image()
        .file("/etc/ld-musl-" + architecture + ".path")
        .map(file -> List.of(start.text(file, MAX_FILE).strip().split("[:\n]+")))
        .orElse(List.of("/lib", "/usr/local/lib", "/usr/lib"));
  }
}
