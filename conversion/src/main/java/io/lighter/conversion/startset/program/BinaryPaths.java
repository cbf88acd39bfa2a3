package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/** Absolute paths that stand as whole strings in the data of a program. */
final class BinaryPaths {

  private static final int SHORTEST = 4;
  private static final int LONGEST = 200;

  private BinaryPaths() {}

  /** Regular files of the image that a program names, in the order of its data. */
  static Set<ImageFile> of(ImageFile program, Start start) {
    byte[] bytes = start.content(program);
    var files = new LinkedHashSet<ImageFile>();
    for (int i = 0; i < bytes.length; i++) {
      boolean begins = bytes[i] == '/' && (i == 0 || bytes[i - 1] == 0);
      if (!begins) {
        continue;
      }
      int end = i;
      while (end < bytes.length && end - i <= LONGEST && isPathCharacter(bytes[end])) {
        end++;
      }
      if (end < bytes.length && bytes[end] == 0 && end - i >= SHORTEST) {
        start.checkpoint();
        String path = new String(bytes, i, end - i, StandardCharsets.US_ASCII);
        if (!path.startsWith("/proc/") && !path.startsWith("/dev/") && !path.startsWith("/sys/")) {
          start.image().file(path).ifPresent(files::add);
        }
      }
      i = end - 1 > i ? end - 1 : i;
    }
    return files;
  }

  private static boolean isPathCharacter(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '-' && b <= '9') // and . and /
        || b == '_'
        || b == '+'
        || b == '@';
  }
}
