package io.lighter.node.change;

import io.lighter.node.plan.RestartUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Lighter wrote to a node: {@code manifest.json} beside the backups.
 *
 * @param format of this record
 * @param files what was written
 * @param folders that were made for it, the outermost first
 * @param restarts services that still have to start anew to see what their files say
 */
record Journal(
    int format, List<WrittenFile> files, List<String> folders, List<RestartUnit> restarts) {
  static final int FORMAT = 1;
  static final Journal EMPTY = new Journal(FORMAT, List.of(), List.of(), List.of());

  Journal {
    files = List.copyOf(files);
    folders = List.copyOf(folders);
    restarts = List.copyOf(restarts);
  }

  boolean isEmpty() {
    return files.isEmpty() && folders.isEmpty() && restarts.isEmpty();
  }

  Optional<WrittenFile> file(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }

  /** With this entry in place of the one for the same path. */
  Journal with(WrittenFile written) {
    var all = new ArrayList<>(files);
    int at = -1;
    for (int i = 0; i < all.size(); i++) {
      at = all.get(i).path().equals(written.path()) ? i : at;
    }
    if (at < 0) {
      all.add(written);
    } else {
      all.set(at, written);
    }
    return new Journal(format, all, folders, restarts);
  }

  Journal without(String path) {
    return new Journal(
        format,
        files.stream().filter(file -> !file.path().equals(path)).toList(),
        folders,
        restarts);
  }

  Journal withFolders(List<String> made) {
    var all = new ArrayList<>(folders);
    made.stream().filter(folder -> !all.contains(folder)).forEach(all::add);
    return new Journal(format, files, all, restarts);
  }

  Journal withRestart(RestartUnit unit) {
    if (restarts.contains(unit)) {
      return this;
    }
    var all = new ArrayList<>(restarts);
    all.add(unit);
    return new Journal(format, files, folders, all);
  }

  Journal withoutRestart(RestartUnit unit) {
    return new Journal(
        format, files, folders, restarts.stream().filter(other -> !other.equals(unit)).toList());
  }

  /**
   * One file.
   *
   * @param path on the host
   * @param before SHA-256 of what was there, which is the name of its backup; null if there was no
   *     such file
   * @param written SHA-256 of what Lighter wrote; two while one is replaced by the other
   * @param reader the service that has to start anew to see it, if there is one
   */
  record WrittenFile(
      String path, @Nullable String before, List<String> written, @Nullable RestartUnit reader) {
    WrittenFile {
      written = List.copyOf(written);
    }

    /** Whether the file is as it was before. */
    boolean isBefore(@Nullable String digest) {
      return before == null ? digest == null : before.equals(digest);
    }

    boolean isWritten(@Nullable String digest) {
      return digest != null && written.contains(digest);
    }
  }
}
