package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What extension modules import: the modules that strings in their data name. */
final class ExtensionModules {

  /** Names of modules that are common words, and are the words far more often. */
  private static final Set<String> WORDS = Set.of("test", "this", "antigravity", "site", "idlelib");

  private final ModuleFinder finder;
  private final Set<String> library = new HashSet<>();

  /**
   * Knows the modules that exist.
   *
   * @param library the directory of the standard library
   */
  ExtensionModules(ModuleFinder finder, ImageFile library) {
    this.finder = finder;
    this.library.addAll(stems(library.children()));
    this.library.removeAll(WORDS);
  }

  private static List<String> stems(Map<String, ImageFile> directory) {
    var stems = new ArrayList<String>();
    directory.forEach((name, file) -> {
      int dot = name.indexOf('.');
      if (file.isDirectory() ? file.children().containsKey("__init__.py") : dot > 0) {
        stems.add(dot > 0 ? name.substring(0, dot) : name);
      }
    });
    return stems;
  }

  /** Names of modules that exist, as they stand in an extension module. */
  List<String> names(Module module, byte[] object) {
    var wanted = new HashSet<>(library);
    String inside = module.packageName();
    boolean cython = contains(object, "__pyx_");
    Set<String> siblings = new HashSet<>();
    if (!inside.isEmpty() && cython) {
      finder
          .find(inside)
          .ifPresent(parent ->
              parent.searched().forEach(place -> siblings.addAll(stems(place.children()))));
      siblings.removeAll(Set.of("tests", "setup", "conftest", "testing"));
    }
    wanted.addAll(siblings);
    var names = new ArrayList<String>();
    for (String name : new ExtensionNames(wanted).in(object)) {
      String full = siblings.contains(name) ? inside + "." + name : name;
      boolean tests = full.contains(".tests");
      if (!full.equals(module.name()) && !tests && finder.find(full).isPresent()) {
        names.add(full);
      }
    }
    if (contains(object, "datetime.datetime_CAPI")) {
      names.add("datetime");
    }
    return names;
  }

  private static boolean contains(byte[] bytes, String text) {
    int last = text.length() - 1;
    for (int i = 0; i + last < bytes.length; i++) {
      if (bytes[i] == text.charAt(0) && bytes[i + last] == text.charAt(last)) {
        int j = 1;
        while (j < last && bytes[i + j] == text.charAt(j)) {
          j++;
        }
        if (j >= last) {
          return true;
        }
      }
    }
    return false;
  }
}
