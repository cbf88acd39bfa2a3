package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Module.Kind;
import io.lighter.conversion.startset.python.Module.Location;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds modules on a path of directories, as {@code importlib}'s finders do. */
final class ModuleFinder {

  private static final int MAX_NAME = 256;

  private final Start start;
  private final List<String> suffixes;
  private final BuiltInModules builtIn;
  private final List<ImageFile> path = new ArrayList<>();
  private final Map<String, Optional<Module>> found = new HashMap<>();
  private final Map<String, String> mapped = new HashMap<>();

  ModuleFinder(Start start, Installation installation) {
    this.start = start;
    this.suffixes = installation.extensionSuffixes();
    this.builtIn = new BuiltInModules();
  }

  /** Puts a directory at the end of the path. */
  void append(String directory) {
    insert(path.size(), directory);
  }

  /** Puts a directory somewhere on the path, unless it is no directory, or there. */
  void insert(int position, String directory) {
    start
        .image()
        .directory(start.absolute(directory))
        .filter(place -> !path.contains(place))
        .ifPresent(place -> {
          path.add(Math.min(position, path.size()), place);
          found.values().removeIf(Optional::isEmpty);
        });
  }

  /** Has an editable installation's module found where its source is. */
  void map(String module, String source) {
    mapped.put(module, source);
    found.remove(module);
  }

  /** The directories, in order. */
  List<ImageFile> path() {
    return List.copyOf(path);
  }

  /** Finds a module, whether it is imported or not. */
  Optional<Module> find(String name) {
    Optional<Module> known = found.get(name);
    if (known != null) {
      return known;
    }
    if (name.isEmpty() || name.length() > MAX_NAME) {
      return Optional.empty();
    }
    start.checkpoint();
    Optional<Module> parent = Optional.empty();
    int begin = 0;
    do {
      int dot = name.indexOf('.', begin);
      int end = dot < 0 ? name.length() : dot;
      String part = name.substring(begin, end);
      String upTo = name.substring(0, end);
      Optional<Module> module = found.get(upTo);
      if (module == null) {
        module = part.isEmpty() ? Optional.empty() : locate(upTo, part, parent);
        found.put(upTo, module);
      }
      if (module.isEmpty()) {
        return Optional.empty();
      }
      parent = module;
      begin = end + 1;
    } while (begin <= name.length());
    return parent;
  }

  private Optional<Module> locate(String name, String tail, Optional<Module> parent) {
    if (parent.isEmpty() && builtIn.always(name)) {
      return Optional.of(Module.builtIn(name));
    }
    if (mapped.containsKey(name)) {
      ImageFile source = start.image().find(mapped.getOrDefault(name, "")).orElse(null);
      if (source != null) {
        Optional<Module> module = in(source.directory(), source.name().replace(".py", ""), name);
        if (module.isPresent()) {
          return module;
        }
      }
    }
    var namespace = new ArrayList<ImageFile>();
    for (ImageFile directory : parent.map(Module::searched).orElse(path)) {
      Optional<Module> module = in(directory, tail, name);
      if (module.isPresent()) {
        return module;
      }
      child(directory, tail).filter(ImageFile::isDirectory).ifPresent(namespace::add);
    }
    if (!namespace.isEmpty()) {
      return Optional.of(new Module(name, Kind.NAMESPACE, Optional.empty(), namespace));
    }
    boolean part = parent.isEmpty() ? builtIn.usually(name) : builtIn.inside(name);
    return part ? Optional.of(Module.builtIn(name)) : Optional.empty();
  }

  private Optional<Module> in(ImageFile directory, String tail, String name) {
    Optional<ImageFile> inner = child(directory, tail).filter(ImageFile::isDirectory);
    if (inner.isPresent()) {
      Optional<Module> whole = file(inner.get(), "__init__", name, List.of(inner.get()));
      if (whole.isPresent()) {
        return whole;
      }
    }
    return file(directory, tail, name, List.of());
  }

  private Optional<Module> file(
      ImageFile directory, String stem, String name, List<ImageFile> searched) {
    for (String suffix : suffixes) {
      Optional<Location> location = location(directory, stem + suffix);
      if (location.isPresent()) {
        return Optional.of(new Module(name, Kind.EXTENSION, location, searched));
      }
    }
    Optional<Location> source = location(directory, stem + ".py");
    if (source.isPresent()) {
      Kind kind = searched.isEmpty() ? Kind.SOURCE : Kind.PACKAGE;
      return Optional.of(new Module(name, kind, source, searched));
    }
    Optional<Location> compiled = location(directory, stem + ".pyc");
    return compiled.map(there -> new Module(name, Kind.COMPILED, compiled, searched));
  }

  private Optional<Location> location(ImageFile directory, String name) {
    return child(directory, name)
        .filter(ImageFile::isRegular)
        .map(file -> new Location(directory, name, file));
  }

  /** What a name in a directory leads to. */
  private Optional<ImageFile> child(ImageFile directory, String name) {
    ImageFile child = directory.children().get(name);
    if (child == null) {
      return Optional.empty();
    }
    return child.kind() == ImageFile.Kind.SYMLINK
        ? start.image().find(directory, name)
        : Optional.of(child);
  }
}
