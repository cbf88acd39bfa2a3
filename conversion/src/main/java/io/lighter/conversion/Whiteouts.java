package io.lighter.conversion;

import java.util.Optional;

/**
 * Entries that hide what lower layers have (OCI image specification, "Whiteouts"). Clients know
 * them by their names alone.
 */
public final class Whiteouts {

  /** What the name of an entry begins with that hides a path of the layers below. */
  static final String PREFIX = ".wh.";

  /**
   * What aufs kept at the root for itself; clients leave it out, and only that has anything in it.
   */
  private static final String AUFS = ".wh..wh.";

  /** Name of the entry that hides everything that the layers below have in its directory. */
  static final String OPAQUE = ".wh..wh..opq";

  private Whiteouts() {}

  /** Whether an entry of this path makes no file, but hides one. */
  public static boolean isWhiteout(String path) {
    return path.startsWith(PREFIX, path.lastIndexOf('/') + 1);
  }

  /** Whether an entry of this path hides all that lower layers have beside it. */
  public static boolean isOpaque(String path) {
    return path.substring(path.lastIndexOf('/') + 1).equals(OPAQUE);
  }

  /**
   * The path that an entry hides.
   *
   * @param path the entry's, cleaned
   * @param name the entry's, for messages
   * @return empty if it is no whiteout
   * @throws UnconvertibleLayerException if clients differ in what the whiteout means
   */
  public static Optional<String> hidden(String path, String name) {
    if (!path.contains(PREFIX)) {
      return Optional.empty();
    }
    int base = path.lastIndexOf('/') + 1;
    String above = path.substring(0, base);
    if ((above.startsWith(PREFIX) || above.contains("/" + PREFIX)) && !above.startsWith(AUFS)) {
      throw UnconvertibleLayerException.entry(name, "is below a whiteout");
    }
    if (!isWhiteout(path)) {
      return Optional.empty();
    }
    String hidden = path.substring(base + PREFIX.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw UnconvertibleLayerException.entry(name, "is a whiteout of no name");
    }
    return Optional.of(above + hidden);
  }
}
