package io.lighter.conversion;

import io.lighter.conversion.TarEntry.Kind;
import io.lighter.oci.Digest;
import io.lighter.oci.DigestAlgorithm;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The paths of a layer, and the rules that make its TOC mean what unpacking its tar means.
 *
 * <p>Unpacking happens entry after entry, a TOC is a set: it has one entry per path, and a hard
 * link names a path, not what was there when the link was made. So an entry that replaces, moves or
 * hides an earlier one is admitted only where the last entry alone gives the same tree.
 */
final class LayerPaths {

  /** Names at the root that eStargz gives a meaning to. */
  static final String NO_PREFETCH_LANDMARK = ".no.prefetch.landmark";

  static final String PREFETCH_LANDMARK = ".prefetch.landmark";

  private static final Set<String> RESERVED =
      Set.of(NO_PREFETCH_LANDMARK, PREFETCH_LANDMARK, TocMember.NAME);
  private static final int IMPLIED = -1;

  /** Linux's limit: a longer path cannot be unpacked either. */
  private static final int MAX_PATH = 4096;

  /** Linux's limit, in bytes: with a longer name in it a mounted directory cannot be listed. */
  private static final int MAX_NAME = 255;

  /** Characters that a path may have on average, for memory's sake; real layers stay below 100. */
  private static final int MEAN_PATH = 256;

  /** What is known about a path. */
  private static final class Node {
    final boolean directory;
    final @Nullable Attributes attributes;
    int ordinal;
    boolean linked;

    Node(boolean directory, int ordinal, @Nullable Attributes attributes) {
      this.directory = directory;
      this.ordinal = ordinal;
      this.attributes = attributes;
    }
  }

  /**
   * What a hard link's own header repeats of its target; extended attributes as their hash. {@code
   * lasting} are those that only a removal takes away.
   */
  private record Attributes(
      long mode, long uid, long gid, long mtime, Optional<Digest> xattrs, boolean lasting) {

    static Attributes of(TarEntry entry) {
      return new Attributes(
          entry.mode() & 07777,
          entry.uid(),
          entry.gid(),
          entry.mtime(),
          hash(entry.xattrs()),
          entry.xattrs().keySet().stream().allMatch(name -> name.startsWith("user.")));
    }

    /**
     * Whether unpacking a hard link with these attributes leaves the file as it is. GNU tar gives
     * links no extended attributes; the file keeps its own, but for those that a change of owner
     * takes away.
     */
    boolean unchangedBy(Attributes link) {
      boolean same = mode == link.mode && uid == link.uid && gid == link.gid && mtime == link.mtime;
      return same && (xattrs.equals(link.xattrs) || (link.xattrs.isEmpty() && lasting));
    }

    private static Optional<Digest> hash(Map<String, byte[]> xattrs) {
      if (xattrs.isEmpty()) {
        return Optional.empty();
      }
      var sha256 = DigestAlgorithm.SHA256.newMessageDigest();
      xattrs.forEach((name, value) -> {
        sha256.update("%s=%d ".formatted(name, value.length).getBytes(StandardCharsets.UTF_8));
        sha256.update(value);
      });
      return Optional.of(Digest.of(DigestAlgorithm.SHA256, sha256));
    }
  }

  private final Map<String, Node> nodes = new HashMap<>();
  private final long maxEntries;
  private long nameCharacters;
  private int admitted;

  LayerPaths(ConversionLimits limits) {
    this.maxEntries = limits.maxEntries();
  }

  /** Number of entries admitted, including those that later ones replaced. */
  int admitted() {
    return admitted;
  }

  /** Whether eStargz gives a meaning to a file of this clean path. */
  static boolean isReserved(String path) {
    return RESERVED.contains(path);
  }

  /**
   * Whether the entry is one that an earlier conversion added. It is left out of the layer: the
   * conversion adds its own.
   */
  static boolean reserved(TarEntry entry) {
    String path = clean(entry.name(), entry.name());
    if (!isReserved(path)) {
      return false;
    }
    if (entry.kind() != Kind.REG) {
      throw UnconvertibleLayerException.entry(
          entry.name(), "has a name that eStargz reserves for a file, and is none");
    }
    return true;
  }

  /**
   * Admits the next entry of the layer.
   *
   * @return ordinal of the earlier entry that this one replaces, if there is one
   * @throws UnconvertibleLayerException if the layer with this entry has no faithful TOC
   * @throws LayerTooLargeException if there are more entries than allowed
   */
  OptionalInt admit(TarEntry entry) {
    String name = entry.name();
    String path = clean(name, name);
    boolean directory = entry.kind() == Kind.DIR;
    if (path.isEmpty() && !directory) {
      throw UnconvertibleLayerException.entry(name, "is the root and not a directory");
    }
    implyParents(path, name);
    refuseLateWhiteout(path, name);
    if (entry.kind() == Kind.HARDLINK) {
      link(entry, path);
    }
    Optional<Node> earlier = Optional.ofNullable(nodes.get(path));
    earlier.ifPresent(node -> checkReplacement(node, directory, name));
    boolean plainDirectory = directory && entry.xattrs().isEmpty();
    remember(path, new Node(directory, admitted++, plainDirectory ? null : Attributes.of(entry)));
    return earlier.filter(node -> node.ordinal != IMPLIED).stream()
        .mapToInt(node -> node.ordinal)
        .findFirst();
  }

  /** Ordinal of the last entry admitted with this clean path. */
  OptionalInt ordinal(String path) {
    Node node = nodes.get(path);
    return node == null || node.ordinal == IMPLIED
        ? OptionalInt.empty()
        : OptionalInt.of(node.ordinal);
  }

  /**
   * Directories that entries are in but that are no entries themselves, in order. A TOC gives them
   * mode 0755 and root as owner; unpacking copies them from the layer below if it has them.
   */
  Set<String> impliedDirectories() {
    var implied = new TreeSet<String>();
    nodes.forEach((path, node) -> {
      if (node.ordinal == IMPLIED) {
        implied.add(path);
      }
    });
    return implied;
  }

  private void implyParents(String path, String name) {
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      String parent = path.substring(0, slash);
      Node node = nodes.get(parent);
      if (node != null) {
        if (!node.directory) {
          throw UnconvertibleLayerException.entry(
              name, "is below an entry of the same layer that is not a directory");
        }
        return;
      }
      remember(parent, new Node(true, IMPLIED, null));
    }
  }

  private void remember(String path, Node node) {
    if (nodes.put(path, node) == null) {
      nameCharacters += path.length();
    }
    if (admitted > maxEntries
        || nodes.size() > maxEntries
        || nameCharacters > maxEntries * MEAN_PATH) {
      throw new LayerTooLargeException(
          "the layer has more than %d entries, or %d characters of paths; allowed are as many"
              .formatted(maxEntries, maxEntries * MEAN_PATH));
    }
  }

  /** A whiteout hides what lower layers have; after its path was written it is ambiguous. */
  private void refuseLateWhiteout(String path, String name) {
    if (Whiteouts.hidden(path, name).filter(nodes::containsKey).isPresent()) {
      throw UnconvertibleLayerException.entry(
          name, "is a whiteout of a path that the same layer has");
    }
  }

  private void link(TarEntry entry, String path) {
    String targetPath = clean(entry.linkName(), entry.name());
    Node target = nodes.get(targetPath);
    if (Whiteouts.isWhiteout(targetPath)) {
      throw UnconvertibleLayerException.entry(entry.name(), "is a hard link to a whiteout");
    }
    if (target == null || target.directory || targetPath.equals(path)) {
      throw UnconvertibleLayerException.entry(
          entry.name(),
          "is a hard link to %s, which is not an earlier file of the same layer"
              .formatted(UnconvertibleLayerException.quote(entry.linkName())));
    }
    // Unpacking applies the link's header to the file it shares; a TOC has only the file's.
    if (target.attributes == null || !target.attributes.unchangedBy(Attributes.of(entry))) {
      throw UnconvertibleLayerException.entry(
          entry.name(), "is a hard link with other attributes than its target");
    }
    target.linked = true;
  }

  private static void checkReplacement(Node earlier, boolean directory, String name) {
    if (earlier.directory != directory) {
      throw UnconvertibleLayerException.entry(
          name, "is a directory in one place of the layer and none in another");
    }
    if (earlier.linked) {
      throw UnconvertibleLayerException.entry(
          name, "is there twice, and a hard link refers to the first");
    }
    if (directory && earlier.attributes != null) {
      throw UnconvertibleLayerException.entry(
          name, "is a directory that is there twice, and the first has extended attributes");
    }
  }

  /** The path that a name means: relative to the root, without empty and "." components. */
  static String clean(String name, String entry) {
    if (name.length() > MAX_PATH) {
      throw UnconvertibleLayerException.entry(
          entry, "has a path of %d characters; allowed are %d".formatted(name.length(), MAX_PATH));
    }
    var path = new StringBuilder(name.length());
    for (int start = 0; start <= name.length(); ) {
      int slash = name.indexOf('/', start);
      int end = slash < 0 ? name.length() : slash;
      if (name.startsWith("..", start) && end == start + 2) {
        throw UnconvertibleLayerException.entry(entry, "has \"..\" in a path");
      }
      checkLength(name.substring(start, end), entry);
      boolean nothing = end == start || (end == start + 1 && name.charAt(start) == '.');
      if (!nothing) {
        path.append(path.isEmpty() ? "" : "/").append(name, start, end);
      }
      start = end + 1;
    }
    return path.toString();
  }

  private static void checkLength(String part, String entry) {
    // A character takes three bytes at most.
    int length = part.length() * 3 <= MAX_NAME ? 0 : part.getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_NAME) {
      throw UnconvertibleLayerException.entry(
          entry, "has a name of %d bytes in its path; allowed are %d".formatted(length, MAX_NAME));
    }
  }
}
