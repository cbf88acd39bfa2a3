package io.lighter.conversion.startset.image;

import io.lighter.conversion.TocEntry;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory or link of a merged image. Two are equal if they are the same object: one name
 * in one directory. Not thread-safe.
 */
public final class ImageFile {

  /** What a file is. */
  public enum Kind {
    REGULAR,
    DIRECTORY,
    SYMLINK,
    /** Devices, pipes and the like. */
    SPECIAL
  }

  private final @Nullable ImageFile parent;
  private final String name;
  private final int layer;
  private final Kind kind;
  private final @Nullable Inode inode;
  private final NavigableMap<String, ImageFile> children;

  /**
   * What several names can share.
   *
   * @param entry what the TOC says of it
   * @param chunks where its bytes are
   */
  private record Inode(LayerContents contents, TocEntry entry, List<TocEntry> chunks) {}

  private ImageFile(
      @Nullable ImageFile parent, String name, int layer, Kind kind, @Nullable Inode inode) {
    this.parent = parent;
    this.name = name;
    this.layer = layer;
    this.kind = kind;
    this.inode = inode;
    this.children = kind == Kind.DIRECTORY ? new TreeMap<>() : Collections.emptyNavigableMap();
  }

  static ImageFile root() {
    return new ImageFile(null, "", 0, Kind.DIRECTORY, null);
  }

  ImageFile addDirectory(String childName, int ofLayer) {
    var directory = new ImageFile(this, childName, ofLayer, Kind.DIRECTORY, null);
    children.put(childName, directory);
    return directory;
  }

  ImageFile add(String childName, int ofLayer, LayerContents contents, TocEntry entry) {
    Kind kind =
        switch (entry.type()) {
          case "reg" -> Kind.REGULAR;
          case "dir" -> Kind.DIRECTORY;
          case "symlink" -> Kind.SYMLINK;
          default -> Kind.SPECIAL;
        };
    var inode = new Inode(contents, entry, new ArrayList<>(1));
    var file = new ImageFile(this, childName, ofLayer, kind, inode);
    if (kind == Kind.REGULAR && entry.size() > 0) {
      inode.chunks.add(entry);
    }
    children.put(childName, file);
    return file;
  }

  /** Gives another name to a file of the same layer. */
  void addLink(String childName, ImageFile target) {
    children.put(
        childName, new ImageFile(this, childName, target.layer, target.kind, target.inode));
  }

  void addChunk(TocEntry chunk) {
    if (inode != null) {
      inode.chunks.add(chunk);
    }
  }

  void removeChild(String childName) {
    children.remove(childName);
  }

  void removeChildren() {
    children.clear();
  }

  /**
   * Absolute path, of real directories only: {@code /usr/lib/libc.so.6}; {@code /} for the root.
   */
  public String path() {
    if (parent == null) {
      return "/";
    }
    var reversed = new ArrayList<String>();
    for (ImageFile at = this; at.parent != null; at = at.parent) {
      reversed.add(at.name);
    }
    Collections.reverse(reversed);
    return "/" + String.join("/", reversed);
  }

  /** Its name in its directory; empty for the root. */
  public String name() {
    return name;
  }

  /** The directory that it is in; the root is in itself. */
  public ImageFile directory() {
    return parent == null ? this : parent;
  }

  /** Which layer it comes from, 0 for the lowest. */
  public int layer() {
    return layer;
  }

  public Kind kind() {
    return kind;
  }

  public boolean isRegular() {
    return kind == Kind.REGULAR;
  }

  public boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  /** Length in bytes; 0 unless it is a regular file. */
  public long size() {
    return inode != null && isRegular() ? inode.entry.size() : 0;
  }

  /** Whether anybody may execute it. */
  public boolean isExecutable() {
    return inode != null && isRegular() && (inode.entry.mode() & 0111) != 0;
  }

  /** When it was changed last, in seconds since 1970; empty if the layer does not say. */
  public Optional<Long> modified() {
    if (inode == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(inode.entry.modtime()).getEpochSecond());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** What a symbolic link says; empty for everything else. */
  public String linkTarget() {
    return kind == Kind.SYMLINK && inode != null ? inode.entry.linkName() : "";
  }

  /** What is in a directory, by name, links not followed; empty for everything else. */
  public Map<String, ImageFile> children() {
    return Collections.unmodifiableMap(children);
  }

  /**
   * Reads some bytes of a regular file. Reading from the middle of a chunk (4 MiB as a rule)
   * inflates what is in front of it.
   *
   * @param position from 0
   * @param length how many are wanted
   * @return as many, or fewer if the file ends
   * @throws DamagedFileException if the layer does not have them
   * @throws IOException if the layer cannot be read
   */
  public byte[] read(long position, int length) throws IOException {
    long wanted = Math.min(length, size() - position);
    if (inode == null || wanted <= 0) {
      return new byte[0];
    }
    var bytes = new byte[(int) wanted];
    long covered = position;
    for (TocEntry chunk : inode.chunks) {
      long begin = chunk.chunkOffset();
      long end = chunk.chunkSize() > 0 ? begin + chunk.chunkSize() : size();
      if (begin <= covered && covered < end && covered < position + wanted) {
        long stop = Math.min(end, position + wanted);
        int into = (int) (covered - position);
        if (covered == begin) {
          inode.contents.read(chunk, bytes, into, (int) (stop - covered));
        } else {
          var front = new byte[Math.toIntExact(stop - begin)];
          inode.contents.read(chunk, front, 0, front.length);
          System.arraycopy(front, (int) (covered - begin), bytes, into, (int) (stop - covered));
        }
        covered = stop;
      }
    }
    if (covered < position + wanted) {
      throw new DamagedFileException("the TOC does not say where all of its bytes are");
    }
    return bytes;
  }

  @Override
  public String toString() {
    return path();
  }
}
