package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Functions of the standard library that read files, or import modules, by what they are given. */
final class LibraryCalls {

  private static final int MAX_FILES = 3_000;
  private static final String ZONES = "/usr/share/zoneinfo";
  private static final Set<String> METADATA = Set.of("importlib.metadata", "importlib_metadata");
  private static final Set<String> COMMON_CODECS =
      Set.of("utf_8", "utf8", "ascii", "latin_1", "latin1", "iso_8859_1", "us_ascii");

  private final Start start;
  private final ModuleFinder finder;

  LibraryCalls(Start start, ModuleFinder finder) {
    this.start = start;
    this.finder = finder;
  }

  /**
   * Takes in what a call reads.
   *
   * @param function its name
   * @param module where it is from; empty if that is not known
   * @param text its first argument; empty if that is no text
   * @return modules that it imports
   */
  List<String> follow(String function, String module, String text, Frame frame) {
    var reason = new Reason(frame.certainty(), "read for " + frame.module().name());
    switch (function) {
      case "available_timezones" -> zones(reason);
      case "entry_points", "distributions", "iter_entry_points" -> {
        if (METADATA.contains(module) || module.equals("pkg_resources")) {
          distributions("", List.of("entry_points.txt"), reason);
        }
      }
      case "version", "distribution", "metadata", "requires" -> {
        if (METADATA.contains(module) && !text.isEmpty()) {
          distributions(text, List.of("METADATA", "PKG-INFO"), reason);
        }
      }
      case "_init_posix" -> {
        return finder.path().stream()
            .flatMap(place -> place.children().keySet().stream())
            .filter(name -> name.startsWith("_sysconfigdata_") && name.endsWith(".py"))
            .map(name -> name.substring(0, name.length() - 3))
            .toList();
      }
      case "encode", "decode", "getencoder", "getdecoder", "lookup" -> {
        String codec = text.toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
        if (TestReader.isChain(codec) && codec.indexOf('.') < 0 && !COMMON_CODECS.contains(codec)) {
          return List.of("encodings." + codec);
        }
      }
      default -> {
        // It reads nothing that is known of.
      }
    }
    return List.of();
  }

  /** All time zones are opened to see what they are. */
  private void zones(Reason reason) {
    Deque<ImageFile> ahead = new ArrayDeque<>();
    start.image().directory(ZONES).ifPresent(ahead::add);
    for (int files = 0; !ahead.isEmpty() && files < MAX_FILES; ) {
      ImageFile directory = ahead.poll();
      for (ImageFile child : directory.children().values()) {
        start.checkpoint();
        ImageFile file =
            child.kind() == ImageFile.Kind.SYMLINK
                ? start.image().find(directory, child.name()).orElse(child)
                : child;
        if (child.isDirectory() && !Set.of("posix", "right").contains(child.name())) {
          ahead.add(child);
        } else if (file.isRegular()) {
          start.reads(file, reason);
          files++;
        }
      }
    }
  }

  /** What is written of packages that are installed: of one, or of all. */
  private void distributions(String name, List<String> files, Reason reason) {
    String prefix = name.isEmpty() ? "" : normal(name) + "-";
    for (ImageFile place : finder.path()) {
      for (ImageFile child : place.children().values()) {
        boolean described =
            child.name().endsWith(".dist-info") || child.name().endsWith(".egg-info");
        if (described && normal(child.name()).startsWith(prefix)) {
          start.checkpoint();
          files.forEach(file ->
              start.image().find(child, file).ifPresent(found -> start.reads(found, reason)));
        }
      }
    }
  }

  private static String normal(String name) {
    int dash = name.indexOf('-');
    String end = dash < 0 ? "" : name.substring(dash);
    boolean versioned = end.length() > 1 && Character.isDigit(end.charAt(1));
    String text = versioned ? name.substring(0, dash) : name;
    String plain = text.toLowerCase(Locale.ROOT).replace('-', '_').replace('.', '_');
    return versioned ? plain + end : plain;
  }
}
