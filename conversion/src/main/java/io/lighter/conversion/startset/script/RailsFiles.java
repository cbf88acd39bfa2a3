package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What a Rails application loads in production: its configuration and all of its classes. */
final class RailsFiles {

  private static final int MAX_FILES = 20_000;
  private static final List<String> FOLDERS = List.of("config", "app", "lib");

  private RailsFiles() {}

  /** Sources and settings below an application's folders, at most some ten thousand. */
  static List<ImageFile> of(ImageFile application, Start start) {
    var files = new ArrayList<ImageFile>();
    Deque<ImageFile> ahead = new ArrayDeque<>();
    for (String folder : FOLDERS) {
      start.image().find(application, folder).filter(ImageFile::isDirectory).ifPresent(ahead::add);
    }
    while (!ahead.isEmpty() && files.size() < MAX_FILES) {
      for (ImageFile child : ahead.pop().children().values()) {
        start.checkpoint();
        if (child.isDirectory()) {
          ahead.add(child);
        } else if (child.name().endsWith(".rb") || child.name().endsWith(".yml")) {
          files.add(child);
        }
      }
    }
    return files;
  }
}
