package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sources of modules; those that were used last stay, because their functions will be called. */
final class SourceCache {

  private static final long CAPACITY = 16L << 20;

  private final Start start;
  private final Map<Module, byte[]> texts = new HashMap<>();
  private final Map<ImageFile, byte[]> files = new LinkedHashMap<>(64, 0.75f, true);
  private long size;

  SourceCache(Start start) {
    this.start = start;
  }

  /** Keeps a source that is in no file. */
  void put(Module module, byte[] source) {
    texts.put(module, source);
  }

  /** The source of a module; none if it is longer than that. */
  byte[] of(Module module, int longest) {
    byte[] text = texts.get(module);
    if (text != null || module.location().isEmpty()) {
      return text == null ? new byte[0] : text;
    }
    ImageFile file = module.location().get().file();
    byte[] cached = files.get(file);
    if (cached != null) {
      return cached;
    }
    if (file.size() > longest) {
      start.unresolved(file.path(), "it is too long to be looked into");
      return new byte[0];
    }
    byte[] source = start.content(file);
    files.put(file, source);
    size += source.length;
    var oldest = files.entrySet().iterator();
    while (size > CAPACITY && oldest.hasNext()) {
      size -= oldest.next().getValue().length;
      oldest.remove();
    }
    return source;
  }
}
