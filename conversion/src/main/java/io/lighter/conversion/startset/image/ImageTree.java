package io.lighter.conversion.startset.image;

import io.lighter.conversion.TocEntry;
import io.lighter.conversion.Whiteouts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The layers of an image, merged as an overlay mount merges them (OCI image specification, "Image
 * Layer Filesystem Changeset"), and paths resolved in it as the kernel resolves them in a container
 * whose root it is. Not thread-safe.
 */
public final class ImageTree {

  /** As many symbolic links as Linux follows in one path. */
  private static final int MAX_LINKS = 40;

  private static final int MAX_PATH = 4096;

  private final ImageFile root = ImageFile.root();
  private int layers;
  private int entries;

  /**
   * Puts a layer on top of those that are there.
   *
   * @throws io.lighter.conversion.ConversionException if an entry's name leads out of the root
   */
  public ImageTree add(LayerContents layer) {
    int number = layers++;
    // Whiteouts speak of the layers below, wherever in their own layer they stand.
    for (TocEntry entry : layer.toc().entries()) {
      Whiteouts.hidden(entry.path(), entry.name()).ifPresent(path -> hide(entry.path(), path));
    }
    var links = new ArrayList<TocEntry>();
    Map<String, ImageFile> own = new HashMap<>();
    for (TocEntry entry : layer.toc().entries()) {
      String path = entry.path();
      switch (entry.type()) {
        case "chunk" -> Optional.ofNullable(own.get(path)).ifPresent(file -> file.addChunk(entry));
        case "hardlink" -> links.add(entry);
        default -> {
          if (!path.isEmpty() && !Whiteouts.isWhiteout(path)) {
            put(path, number, layer, entry).ifPresent(file -> own.put(path, file));
          }
        }
      }
      entries++;
    }
    for (TocEntry link : links) {
      ImageFile target = own.get(link.linkPath());
      if (target != null && !Whiteouts.isWhiteout(link.path())) {
        String path = link.path();
        ImageFile directory = directory(path, number);
        String name = path.substring(path.lastIndexOf('/') + 1);
        directory.addLink(name, target);
        own.put(path, directory.children().getOrDefault(name, target));
      }
    }
    return this;
  }

  private void hide(String whiteout, String path) {
    if (Whiteouts.isOpaque(whiteout)) {
      exact(whiteout.substring(0, Math.max(0, whiteout.lastIndexOf('/'))))
          .ifPresent(ImageFile::removeChildren);
    } else {
      exact(path).ifPresent(file -> file.directory().removeChild(file.name()));
    }
  }

  private Optional<ImageFile> put(String path, int number, LayerContents layer, TocEntry entry) {
    ImageFile directory = directory(path, number);
    String name = path.substring(path.lastIndexOf('/') + 1);
    ImageFile there = directory.children().get(name);
    if (there != null && there.isDirectory() && entry.type().equals("dir")) {
      return Optional.empty();
    }
    return Optional.of(directory.add(name, number, layer, entry));
  }

  /** The directory of a path, made where it is missing, as overlay mounts do. */
  private ImageFile directory(String path, int number) {
    ImageFile at = root;
    int begin = 0;
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', begin)) {
      String name = path.substring(begin, slash);
      ImageFile next = at.children().get(name);
      at = next != null && next.isDirectory() ? next : at.addDirectory(name, number);
      begin = slash + 1;
    }
    return at;
  }

  private Optional<ImageFile> exact(String path) {
    ImageFile at = root;
    for (String name : path.split("/", -1)) {
      ImageFile next = name.isEmpty() ? at : at.children().get(name);
      if (next == null) {
        return Optional.empty();
      }
      at = next;
    }
    return Optional.of(at);
  }

  /** How many layers there are. */
  public int layers() {
    return layers;
  }

  /** How many entries the layers have together. */
  public int entries() {
    return entries;
  }

  /** The root directory. */
  public ImageFile root() {
    return root;
  }

  /**
   * What a path leads to, all symbolic links followed.
   *
   * @param path relative to the root, whether it begins with a slash or not
   * @return empty if there is nothing, or no end of links
   */
  public Optional<ImageFile> find(String path) {
    return find(root, path);
  }

  /**
   * What a path leads to, all symbolic links followed.
   *
   * @param from where a relative path begins
   * @return empty if there is nothing, or no end of links
   */
  public Optional<ImageFile> find(ImageFile from, String path) {
    if (path.length() > MAX_PATH) {
      return Optional.empty();
    }
    ImageFile at = path.startsWith("/") ? root : from;
    Deque<String> ahead = new ArrayDeque<>(List.of(path.split("/", -1)));
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.directory();
        continue;
      }
      ImageFile next = at.children().get(name);
      if (next == null) {
        return Optional.empty();
      }
      if (next.kind() != ImageFile.Kind.SYMLINK) {
        at = next;
        continue;
      }
      String target = next.linkTarget();
      if (++links > MAX_LINKS || target.length() > MAX_PATH) {
        return Optional.empty();
      }
      at = target.startsWith("/") ? root : at;
      List.of(target.split("/", -1)).reversed().forEach(ahead::push);
    }
    return Optional.of(at);
  }

  /** The regular file that a path leads to. */
  public Optional<ImageFile> file(String path) {
    return find(path).filter(ImageFile::isRegular);
  }

  /** The directory that a path leads to. */
  public Optional<ImageFile> directory(String path) {
    return find(path).filter(ImageFile::isDirectory);
  }
}
