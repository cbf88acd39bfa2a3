package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.util.Optional;

/**
 * Which Node a program is, as far as that can be known without running it; zeros otherwise.
 *
 * @param major first number
 * @param minor second number
 */
record NodeVersion(int major, int minor) {

  private static final int HEADER_LENGTH = 4096;

  private static final NodeVersion UNKNOWN = new NodeVersion(0, 0);

  /** What the official images say, what the headers beside the program say, or Debian's library. */
  static NodeVersion of(ImageFile program, Start start) {
    return start
        .variable("NODE_VERSION")
        .flatMap(NodeVersion::parse)
        .or(() -> headers(program, start))
        .orElseGet(() -> library(start));
  }

  /** Whether {@code require} loads ECMAScript modules, and so knows the condition for them. */
  boolean requiresModules() {
    return major >= 23 || (major == 22 && minor >= 10) || (major == 20 && minor >= 19);
  }

  private static Optional<NodeVersion> parse(String version) {
    String[] parts = version.split("[.]", 3);
    if (parts.length < 2) {
      return Optional.empty();
    }
    return Optional.of(new NodeVersion(number(parts[0]), number(parts[1])));
  }

  private static int number(String text) {
    boolean digits = !text.isEmpty() && text.length() < 5;
    return digits && text.chars().allMatch(c -> c >= '0' && c <= '9') ? Integer.parseInt(text) : 0;
  }

  private static Optional<NodeVersion> headers(ImageFile program, Start start) {
    return start
        .image()
        .find(program.directory(), "../include/node/node_version.h")
        .filter(ImageFile::isRegular)
        .map(file -> start.text(file, HEADER_LENGTH))
        .map(text -> new NodeVersion(defined(text, "MAJOR"), defined(text, "MINOR")));
  }

  private static int defined(String text, String part) {
    String name = "#define NODE_" + part + "_VERSION ";
    int at = text.indexOf(name);
    if (at < 0) {
      return 0;
    }
    return number(text.substring(at + name.length()).lines().findFirst().orElse("").strip());
  }

  /** Debian's stable releases have one version each; the library's number is that of the ABI. */
  private static NodeVersion library(Start start) {
    return start.image().directory("/usr/lib").stream()
            .flatMap(lib -> lib.children().values().stream())
            .filter(child -> child.name().endsWith("-linux-gnu"))
            .anyMatch(at -> at.children().containsKey("libnode.so.115"))
        ? new NodeVersion(20, 19)
        : UNKNOWN;
  }
}
