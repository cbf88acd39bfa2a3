package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a Python is installed: what CPython finds out (in getpath and site) before anything of the
 * program runs.
 *
 * @param minor the second number of its version
 * @param library absolute path of the standard library
 * @param sites directories of packages, in order
 * @param extensionSuffixes how file names of extension modules end, in order
 */
record Installation(int minor, String library, List<String> sites, List<String> extensionSuffixes) {

  private static final int MAX_CONFIGURATION = 64 << 10;

  /**
   * Finds it, and takes in {@code pyvenv.cfg}.
   *
   * @return empty if there is no standard library
   */
  static Optional<Installation> find(Invocation invocation, CommandLine line, Start start) {
    Map<String, String> venv = configuration(invocation, start);
    var places = new ArrayList<String>();
    String home = line.environment().getOrDefault("PYTHONHOME", "");
    if (!home.isEmpty()) {
      places.add(home.contains(":") ? home.substring(0, home.indexOf(':')) : home);
    }
    above(venv.getOrDefault("home", ""), places);
    above(invocation.program().directory().path(), places);
    above(parent(invocation.path()), places);
    places.addAll(List.of("/usr/local", "/usr"));
    int named = version(invocation.program().name());
    for (String place : places) {
      start.checkpoint();
      for (String lib : List.of("/lib", "/lib64")) {
        Optional<Integer> minor = library(place + lib, named, start);
        if (minor.isPresent()) {
          String library = place + lib + "/python3." + minor.get();
          return Optional.of(
              new Installation(
                  minor.get(),
                  library,
                  sites(venv, place, minor.get(), line, start),
                  suffixes(minor.get(), library, start)));
        }
      }
    }
    start.unresolved(invocation.path(), "its standard library is not in the image");
    return Optional.empty();
  }

  /** What {@code pyvenv.cfg} says; the directory that it is for under {@code prefix}. */
  private static Map<String, String> configuration(Invocation invocation, Start start) {
    String directory = parent(invocation.path());
    for (String place : List.of(directory, parent(directory))) {
      Optional<ImageFile> file =
          start.reads(place + "/pyvenv.cfg", Reason.certain("the virtual environment"));
      if (file.isPresent()) {
        var values = new HashMap<String, String>();
        start
            .text(file.get(), MAX_CONFIGURATION)
            .lines()
            .forEach(line -> {
              int equals = line.indexOf('=');
              if (equals > 0) {
                values.put(
                    line.substring(0, equals).strip().toLowerCase(java.util.Locale.ROOT),
                    line.substring(equals + 1).strip());
              }
            });
        values.put("prefix", place);
        return values;
      }
    }
    return Map.of();
  }

  private static void above(String directory, List<String> places) {
    String place = directory;
    for (int i = 0; i < 40 && !place.isEmpty(); i++) {
      place = place.equals("/") ? "" : parent(place);
      places.add(place);
    }
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "" : path.substring(0, slash);
  }

  private static int version(String program) {
    return program.startsWith("python3.") ? digits(program.substring(8)) : -1;
  }

  private static int digits(String text) {
    int value = 0;
    int i = 0;
    for (; i < Math.min(3, text.length()) && Character.isDigit(text.charAt(i)); i++) {
      value = 10 * value + (text.charAt(i) - '0');
    }
    return i == 0 ? -1 : value;
  }

  /** The version of the standard library below a directory. */
  private static Optional<Integer> library(String lib, int minor, Start start) {
    if (minor >= 0) {
      boolean there =
          start.file(lib + "/python3." + minor + "/os.py").isPresent()
              || start.file(lib + "/python3." + minor + "/os.pyc").isPresent();
      return there ? Optional.of(minor) : Optional.empty();
    }
    return start.image().directory(lib).stream()
        .flatMap(directory -> directory.children().keySet().stream())
        .map(Installation::version)
        .filter(found -> found >= 0 && start.file(lib + "/python3." + found + "/os.py").isPresent())
        .max(Integer::compare);
  }

  private static List<String> sites(
      Map<String, String> venv, String prefix, int minor, CommandLine line, Start start) {
    if (!line.site()) {
      return List.of();
    }
    var sites = new ArrayList<String>();
    String own = venv.getOrDefault("prefix", "");
    boolean base =
        own.isEmpty() || "true".equalsIgnoreCase(venv.get("include-system-site-packages"));
    if (base && line.userSite()) {
      String home = start.variable("HOME").orElse("/root");
      String user = line.environment().getOrDefault("PYTHONUSERBASE", home + "/.local");
      sites.add(user + "/lib/python3." + minor + "/site-packages");
    }
    if (!own.isEmpty()) {
      sites.add(own + "/lib/python3." + minor + "/site-packages");
      sites.add(own + "/lib64/python3." + minor + "/site-packages");
    }
    if (base && prefix.equals("/usr")) {
      // Debian's own python3 keeps its packages apart from those of a Python in /usr/local.
      sites.add("/usr/local/lib/python3." + minor + "/dist-packages");
      sites.add("/usr/lib/python3/dist-packages");
      sites.add("/usr/lib/python3." + minor + "/dist-packages");
    }
    if (base) {
      sites.add(prefix + "/lib64/python3." + minor + "/site-packages");
      sites.add(prefix + "/lib/python3." + minor + "/site-packages");
    }
    return sites.stream().filter(site -> start.image().directory(site).isPresent()).toList();
  }

  private static List<String> suffixes(int minor, String library, Start start) {
    var suffixes = new ArrayList<String>();
    String tag = ".cpython-3" + minor;
    start.image().directory(library + "/lib-dynload").stream()
        .flatMap(directory -> directory.children().keySet().stream())
        .filter(name -> name.contains(tag) && name.endsWith(".so"))
        .map(name -> name.substring(name.indexOf(tag)))
        .distinct()
        .limit(4)
        .forEach(suffixes::add);
    if (suffixes.isEmpty()) {
      for (String machine : List.of("x86_64", "aarch64")) {
        suffixes.add(tag + "-" + machine + "-linux-gnu.so");
        suffixes.add(tag + "-" + machine + "-linux-musl.so");
      }
    }
    suffixes.add(".abi3.so");
    suffixes.add(".so");
    return List.copyOf(suffixes);
  }
}
