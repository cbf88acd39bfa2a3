package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cache of {@code ldconfig}, in which glibc looks up shared objects by name: the format that
 * begins with {@code glibc-ld.so.cache1.1}, alone or behind the older one.
 */
final class LibraryCache {

  static final String PATH = "/etc/ld.so.cache";

  private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER = 48;
  private static final int ENTRY = 24;
  private static final int MAX_LENGTH = 16 << 20;

  private final Map<String, List<String>> paths;

  private LibraryCache(Map<String, List<String>> paths) {
    this.paths = paths;
  }

  static LibraryCache none() {
    return new LibraryCache(Map.of());
  }

  /** Reads a cache; what makes no sense in it is left out. */
  static LibraryCache read(ImageFile file, Start start) {
    byte[] bytes = start.content(file, 0, (int) Math.min(file.size(), MAX_LENGTH));
    int base = indexOf(bytes);
    if (base < 0 || bytes.length - base < HEADER) {
      return none();
    }
    var buffer = ByteBuffer.wrap(bytes, base, bytes.length - base).slice();
    // Both architectures that matter write it in little-endian order.
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    int fit = (buffer.limit() - HEADER) / ENTRY;
    int count = Math.min(Math.max(0, buffer.getInt(MAGIC.length)), fit);
    Map<String, List<String>> paths = new HashMap<>();
    for (int i = 0; i < count; i++) {
      start.checkpoint();
      int at = HEADER + i * ENTRY;
      Optional<String> name = text(buffer, buffer.getInt(at + 4));
      Optional<String> path = text(buffer, buffer.getInt(at + 8));
      if (name.isPresent() && path.isPresent()) {
        paths.computeIfAbsent(name.get(), _ -> new ArrayList<>(1)).add(path.get());
      }
    }
    return new LibraryCache(paths);
  }

  /** Paths of the shared objects of a name, those for special processors among them. */
  List<String> paths(String name) {
    return paths.getOrDefault(name, List.of());
  }

  private static int indexOf(byte[] bytes) {
    for (int i = 0; i + MAGIC.length <= bytes.length; i += 4) {
      if (Arrays.equals(bytes, i, i + MAGIC.length, MAGIC, 0, MAGIC.length)) {
        return i;
      }
    }
    return -1;
  }

  private static Optional<String> text(ByteBuffer buffer, int offset) {
    if (offset < 0 || offset >= buffer.limit()) {
      return Optional.empty();
    }
    int end = offset;
    while (end < buffer.limit() && buffer.get(end) != 0) {
      end++;
    }
    var text = new byte[end - offset];
    buffer.get(offset, text);
    return Optional.of(new String(text, StandardCharsets.ISO_8859_1));
  }
}
