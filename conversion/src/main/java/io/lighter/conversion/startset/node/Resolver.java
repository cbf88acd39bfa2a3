package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the file that a specifier means, as Node's {@code require} does. Its {@code import} finds
 * the same, under other conditions, or nothing. Belongs to one thread.
 *
 * @see <a href="https://nodejs.org/api/modules.html#all-together">the algorithm</a>
 */
final class Resolver {

  private static final List<String> EXTENSIONS = List.of(".js", ".json", ".node");
  private static final List<String> INDEXES = List.of("index.js", "index.json", "index.node");

  private final Start start;
  private final Packages packages;
  private final List<ImageFile> searchPath;

  /**
   * A resolver.
   *
   * @param searchPath where packages are that are in no {@code node_modules} on the way up
   */
  Resolver(Start start, Packages packages, List<ImageFile> searchPath) {
    this.start = start;
    this.packages = packages;
    this.searchPath = List.copyOf(searchPath);
  }

  /**
   * Finds a file and takes in the {@code package.json} files that Node reads to find it.
   *
   * @param from directory of the file that names it
   * @param conditions of {@code exports} and {@code imports}
   */
  Optional<ImageFile> resolve(
      ImageFile from, String specifier, List<String> conditions, Reason reason) {
    String name =
        specifier.startsWith("file://") ? specifier.substring("file://".length()) : specifier;
    int query = name.indexOf('?');
    name = query > 0 ? name.substring(0, query) : name;
    if (name.isEmpty() || name.length() > 1024) {
      return Optional.empty();
    }
    if (name.startsWith("/") || isRelative(name)) {
      return path(from, name, reason);
    }
    if (name.startsWith("#")) {
      return packages
          .around(from, reason)
          .flatMap(own -> imported(own, specifier, conditions, reason));
    }
    return bare(from, name, conditions, reason);
  }

  static boolean isRelative(String name) {
    return name.equals(".") || name.equals("..") || name.startsWith("./") || name.startsWith("../");
  }

  private Optional<ImageFile> path(ImageFile from, String path, Reason reason) {
    Optional<ImageFile> file = path.endsWith("/") ? Optional.empty() : file(from, path);
    return file.or(() ->
        find(from, path).filter(ImageFile::isDirectory).flatMap(at -> asDirectory(at, reason)));
  }

  private Optional<ImageFile> find(ImageFile from, String path) {
    start.checkpoint();
    return start.image().find(from, path);
  }

  /** LOAD_AS_FILE. */
  Optional<ImageFile> file(ImageFile from, String path) {
    Optional<ImageFile> exact = find(from, path).filter(ImageFile::isRegular);
    for (String extension : EXTENSIONS) {
      if (exact.isEmpty()) {
        exact = find(from, path + extension).filter(ImageFile::isRegular);
      }
    }
    return exact;
  }

  /** LOAD_AS_DIRECTORY. */
  private Optional<ImageFile> asDirectory(ImageFile directory, Reason reason) {
    return packages
        .in(directory, reason)
        .flatMap(NodePackage::main)
        .flatMap(main -> asMain(directory, main))
        .or(() -> asIndex(directory));
  }

  private Optional<ImageFile> asMain(ImageFile directory, String main) {
    String path = main.startsWith("/") ? "." + main : main;
    return file(directory, path)
        .or(() -> find(directory, path).filter(ImageFile::isDirectory).flatMap(this::asIndex));
  }

  private Optional<ImageFile> asIndex(ImageFile directory) {
    return INDEXES.stream()
        .flatMap(index -> find(directory, index).filter(ImageFile::isRegular).stream())
        .findFirst();
  }

  private Optional<ImageFile> imported(
      NodePackage own, String name, List<String> conditions, Reason reason) {
    for (String target : own.imported(name, conditions)) {
      Optional<ImageFile> file =
          target.startsWith("./")
              ? find(own.directory(), target).filter(ImageFile::isRegular)
              : bare(own.directory(), target, conditions, reason);
      if (file.isPresent()) {
        return file;
      }
    }
    return Optional.empty();
  }

  private Optional<ImageFile> bare(
      ImageFile from, String name, List<String> conditions, Reason reason) {
    int slash = name.indexOf('/');
    int end = name.startsWith("@") && slash > 0 ? name.indexOf('/', slash + 1) : slash;
    String packageName = end < 0 ? name : name.substring(0, end);
    String subpath = end < 0 ? "." : "." + name.substring(end);
    // A package that has exports can name itself.
    Optional<NodePackage> own =
        packages
            .around(from, reason)
            .filter(at -> at.hasExports() && at.name().equals(packageName));
    if (own.isPresent()) {
      return exported(own.get(), subpath, conditions);
    }
    for (ImageFile at = from; ; at = at.directory()) {
      start.checkpoint();
      Optional<ImageFile> found =
          at.name().equals("node_modules") || !at.children().containsKey("node_modules")
              ? Optional.empty()
              : find(at, "node_modules")
                  .flatMap(modules -> inModules(modules, packageName, subpath, conditions, reason));
      if (found.isPresent()) {
        return found;
      }
      if (at == at.directory()) {
        break;
      }
    }
    for (ImageFile modules : searchPath) {
      Optional<ImageFile> found = inModules(modules, packageName, subpath, conditions, reason);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** The directory of a package, seen from another directory. */
  Optional<ImageFile> packageDirectory(ImageFile from, String name) {
    var places = new ArrayList<ImageFile>();
    for (ImageFile at = from; at != at.directory(); at = at.directory()) {
      start.checkpoint();
      places.add(at);
    }
    return places.stream()
        .filter(at -> at.children().containsKey("node_modules"))
        .flatMap(at -> find(at, "node_modules/" + name).filter(ImageFile::isDirectory).stream())
        .findFirst();
  }

  private Optional<ImageFile> inModules(
      ImageFile modules,
      String packageName,
      String subpath,
      List<String> conditions,
      Reason reason) {
    Optional<ImageFile> directory = find(modules, packageName);
    if (directory.isEmpty() || !directory.get().isDirectory()) {
      return subpath.equals(".") ? file(modules, packageName) : Optional.empty();
    }
    ImageFile at = directory.get();
    Optional<NodePackage> description = packages.in(at, reason);
    if (description.isPresent() && description.get().hasExports()) {
      return exported(description.get(), subpath, conditions);
    }
    return subpath.equals(".") ? asDirectory(at, reason) : path(at, subpath, reason);
  }

  private Optional<ImageFile> exported(
      NodePackage description, String subpath, List<String> conditions) {
    return description.exported(subpath, conditions).stream()
        .filter(target -> target.startsWith("./"))
        .flatMap(
            target -> find(description.directory(), target).filter(ImageFile::isRegular).stream())
        .findFirst();
  }
}
