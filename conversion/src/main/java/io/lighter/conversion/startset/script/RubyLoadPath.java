package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where Ruby looks for what is required: directories that are searched always, and those of gems,
 * which RubyGems adds when they are asked for. Belongs to one thread.
 */
final class RubyLoadPath {

  private static final List<String> LIBRARIES =
      List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu");

  private static final int MAX_DIRECTORIES = 20_000;

  private final Start start;
  private final List<ImageFile> directories = new ArrayList<>();
  private final List<ImageFile> gemHomes = new ArrayList<>();

  /** Directories of gems' sources by the first part of the paths that they have. */
  private final Map<String, List<ImageFile>> gemsByName = new HashMap<>();

  private final Map<String, ImageFile> gems = new HashMap<>();

  /** Gems of a Gemfile.lock with versions; empty if all can be used. */
  private final Set<String> locked;

  RubyLoadPath(Start start, ImageFile program, List<String> first, Set<String> locked) {
    this.start = start;
    this.locked = Set.copyOf(locked);
    first.forEach(this::addDirectory);
    for (String path : start.variable("RUBYLIB").orElse("").split(":", -1)) {
      addDirectory(path);
    }
    String prefix = program.directory().directory().path();
    String root = prefix.equals("/") ? "" : prefix;
    for (String version : versions(root + "/lib/ruby")) {
      for (String kind :
          List.of(
              "site_ruby/" + version,
              "site_ruby",
              "vendor_ruby/" + version,
              "vendor_ruby",
              version)) {
        addWithProcessors(root + "/lib/ruby/" + kind);
        for (String library : LIBRARIES) {
          addDirectory(library + "/ruby/" + kind);
        }
      }
      addGemHome(root + "/lib/ruby/gems/" + version);
      addGemHome("/var/lib/gems/" + version);
      addGemHome("/usr/share/rubygems-integration/" + version);
    }
    addGemHome("/usr/share/rubygems-integration/all");
    start.variable("GEM_HOME").ifPresent(this::addGemHome);
    start.variable("BUNDLE_PATH").ifPresent(this::addBundle);
    for (String path : start.variable("GEM_PATH").orElse("").split(":", -1)) {
      addGemHome(path);
    }
    addBundle("vendor/bundle");
  }

  private List<String> versions(String path) {
    return start.image().directory(path).stream()
        .flatMap(at -> at.children().keySet().stream())
        .filter(name -> !name.isEmpty() && Character.isDigit(name.charAt(0)))
        .toList();
  }

  private void addDirectory(String path) {
    if (!path.isEmpty() && directories.size() < MAX_DIRECTORIES) {
      start.image().directory(start.absolute(path)).ifPresent(directories::add);
    }
  }

  /** Adds a directory and those in it that hold what is built for a processor. */
  private void addWithProcessors(String path) {
    addDirectory(path);
    for (ImageFile child :
        start.image().directory(path).map(at -> at.children().values()).orElse(List.of())) {
      start.checkpoint();
      if (child.isDirectory() && child.name().contains("-linux")) {
        addDirectory(child.path());
      }
    }
  }

  /** Bundler's layout: homes of gems by engine and version. */
  private void addBundle(String path) {
    String ruby = start.absolute(path) + "/ruby";
    versions(ruby).forEach(version -> addGemHome(ruby + "/" + version));
    addGemHome(path);
  }

  private void addGemHome(String path) {
    if (path.isEmpty()) {
      return;
    }
    Optional<ImageFile> home = start.image().directory(start.absolute(path));
    if (home.isEmpty() || gemHomes.contains(home.get())) {
      return;
    }
    gemHomes.add(home.get());
    var newestFirst = new ArrayList<>(children(home.get(), "gems"));
    newestFirst.sort((one, other) -> Versions.compare(other.name(), one.name()));
    for (ImageFile gem : newestFirst) {
      start.checkpoint();
      if (gem.isDirectory() && (locked.isEmpty() || locked.contains(gem.name()))) {
        addGem(gem, home.get());
      }
    }
  }

  private void addGem(ImageFile gem, ImageFile home) {
    gems.putIfAbsent(Versions.withoutVersion(gem.name()), gem);
    index(gem, "lib");
    for (ImageFile processor : children(home, "extensions")) {
      for (ImageFile version : processor.children().values()) {
        start.checkpoint();
        index(version, gem.name());
      }
    }
  }

  private List<ImageFile> children(ImageFile directory, String path) {
    return start
        .image()
        .find(directory, path)
        .map(at -> List.copyOf(at.children().values()))
        .orElse(List.of());
  }

  private void index(ImageFile from, String path) {
    Optional<ImageFile> directory = start.image().find(from, path).filter(ImageFile::isDirectory);
    var names = new HashSet<String>();
    for (String child : directory.map(at -> at.children().keySet()).orElse(Set.of())) {
      start.checkpoint();
      int dot = child.lastIndexOf('.');
      if (names.add(dot > 0 ? child.substring(0, dot) : child)) {
        gemsByName
            .computeIfAbsent(dot > 0 ? child.substring(0, dot) : child, _ -> new ArrayList<>())
            .add(directory.get());
      }
    }
  }

  /** Directories with the specifications of gems. */
  List<ImageFile> specifications() {
    return gemHomes.stream()
        .flatMap(home -> start.image().find(home, "specifications").stream())
        .filter(ImageFile::isDirectory)
        .toList();
  }

  /** The directory of a gem. */
  Optional<ImageFile> gem(String name) {
    return Optional.ofNullable(gems.get(name));
  }

  /** What a required name means: a source or a shared object. */
  Optional<ImageFile> find(String name) {
    if (name.startsWith("/")) {
      return in(start.image().find("/").orElseThrow(), name);
    }
    for (ImageFile directory : directories) {
      Optional<ImageFile> file = in(directory, name);
      if (file.isPresent()) {
        return file;
      }
    }
    int slash = name.indexOf('/');
    int dot = name.lastIndexOf('.');
    String first = slash > 0 ? name.substring(0, slash) : name;
    boolean suffixed = slash < 0 && dot > 0;
    for (ImageFile directory :
        gemsByName.getOrDefault(suffixed ? name.substring(0, dot) : first, List.of())) {
      Optional<ImageFile> file = in(directory, name);
      if (file.isPresent()) {
        return file;
      }
    }
    return Optional.empty();
  }

  /** A source or shared object of a name, seen from a directory. */
  Optional<ImageFile> in(ImageFile directory, String name) {
    start.checkpoint();
    if (name.endsWith(".rb") || name.endsWith(".so")) {
      return start.image().find(directory, name).filter(ImageFile::isRegular);
    }
    return start
        .image()
        .find(directory, name + ".rb")
        .filter(ImageFile::isRegular)
        .or(() -> start.image().find(directory, name + ".so").filter(ImageFile::isRegular));
  }
}
