package io.lighter.conversion;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The layers of one image, lowest first, to tell whether each means the same mounted as unpacked.
 *
 * <p>A tar may leave out directories that its entries are in. Unpacking takes them from the layers
 * below: with their owner and mode, and where there is a symbolic link, through it. A mounted layer
 * has a directory of its own there, of mode 0755 and root's, that hides both. Where these differ
 * the layer has to stay as it is.
 *
 * <p>Not thread-safe.
 */
public final class LayerStack {

  private static final long PLAIN_MODE = 0755;

  /** What a directory without an entry must not hide. */
  private enum Special {
    LINK,
    DIRECTORY
  }

  private final TreeMap<String, Special> special = new TreeMap<>();

  /**
   * Puts a layer on those that are there.
   *
   * @param toc what the layer has
   * @return what makes the mounted layer differ from the unpacked one, as one line; the layer is
   *     then not added
   */
  public Optional<String> add(Toc toc) {
    Optional<String> difference = difference(toc);
    if (difference.isEmpty()) {
      // Whiteouts speak of the layers below, wherever in their own layer they stand.
      toc.entries().forEach(this::hide);
      toc.entries().forEach(this::show);
    }
    return difference;
  }

  private Optional<String> difference(Toc toc) {
    var directories = new HashSet<String>();
    var missing = new LinkedHashSet<String>();
    for (TocEntry entry : toc.entries()) {
      String path = entry.path();
      Optional<String> through =
          missingParents(path, directories, missing).stream()
              .filter(parent -> special.get(parent) == Special.LINK)
              .findFirst();
      if (through.isPresent()) {
        return Optional.of(
            "it has no entry for the directory %s, which is a symbolic link in a layer below"
                .formatted(UnconvertibleLayerException.quote(through.get())));
      }
      if (entry.type().equals("dir")) {
        directories.add(path);
        missing.remove(path);
      }
    }
    return missing.stream()
        .filter(special::containsKey)
        .findFirst()
        .map(path ->
            "it has no entry for the directory %s, whose owner, mode or attributes a layer below sets"
                .formatted(UnconvertibleLayerException.quote(path)));
  }

  /** Directories above a path that have no entry so far, and are noted as missing. */
  private static Set<String> missingParents(
      String path, Set<String> directories, Set<String> missing) {
    var found = new LinkedHashSet<String>();
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      String parent = path.substring(0, slash);
      if (!directories.contains(parent) && missing.add(parent)) {
        found.add(parent);
      }
    }
    return found;
  }

  private void hide(TocEntry entry) {
    Whiteouts.hidden(entry.path(), entry.name())
        .ifPresent(path -> {
          if (Whiteouts.isOpaque(entry.path())) {
            below(path.substring(0, path.lastIndexOf('/') + 1));
          } else {
            special.remove(path);
            below(path + "/");
          }
        });
  }

  private void show(TocEntry entry) {
    String path = entry.path();
    if (entry.type().equals("dir")) {
      if (plain(entry)) {
        special.remove(path);
      } else {
        special.put(path, Special.DIRECTORY);
      }
      return;
    }
    below(path + "/");
    if (entry.type().equals("symlink")) {
      special.put(path, Special.LINK);
    } else {
      special.remove(path);
    }
  }

  /** Forgets what the layers so far have in a directory. */
  private void below(String directory) {
    special.subMap(directory, directory + Character.MAX_VALUE).clear();
  }

  private static boolean plain(TocEntry entry) {
    boolean roots = entry.uid() == 0 && entry.gid() == 0;
    return roots && (entry.mode() & 07777) == PLAIN_MODE && entry.xattrs().isEmpty();
  }
}
