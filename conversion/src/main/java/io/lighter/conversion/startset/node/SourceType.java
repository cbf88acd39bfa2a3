package io.lighter.conversion.startset.node;

/** What a file is to Node, by its name. */
enum SourceType {
  /** A source that can load others. */
  MODULE,
  /** A shared object. */
  ADDON,
  DATA;

  static SourceType of(String name) {
    int dot = name.lastIndexOf('.');
    return switch (dot > 0 ? name.substring(dot) : "") {
      case "", ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx" -> MODULE;
      case ".node" -> ADDON;
      default -> DATA;
    };
  }
}
