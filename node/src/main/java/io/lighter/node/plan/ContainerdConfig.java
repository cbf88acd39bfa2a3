package io.lighter.node.plan;

import io.lighter.node.NodeException.Refused;
import io.lighter.node.toml.TomlFile;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of containerd: the main file and what it imports, which containerd lays over it
 * in that order. Versions 2, 3 and 4 are understood, which are those of containerd 1.3 to 2.4.
 *
 * <p>Which file is changed: of version 2 the last one that says something about the CRI plugin,
 * because containerd 1 lets a later file replace all that an earlier one says about a plugin. From
 * version 3 on single keys are laid over each other, so where a folder of drop-ins is imported a
 * file is added to it and the operator's files stay as they are.
 */
final class ContainerdConfig {
  private static final String DROP_IN = "90-lighter.toml";
  private static final int OLDEST = 2;
  private static final int NEWEST = 4;
  private static final int MERGES_KEYS = 3;

  private final NodeView node;
  private final long version;
  private final boolean blank;
  private final List<TomlFile> files = new ArrayList<>();
  private final TomlFile target;

  /**
   * @throws Refused if a file is not understood
   */
  ContainerdConfig(NodeView node, String path) {
    this.node = node;
    String text = node.text(path).orElse("");
    TomlFile main = TomlFile.parse(path, text.isBlank() ? Origin.COMMENT : text);
    this.blank = main.keys(List.of()).isEmpty();
    this.version = blank ? OLDEST : understood(main);
    files.add(main);
    List<String> imports = main.strings(List.of("imports"));
    for (String pattern : imports) {
      for (String imported : matches(path, pattern)) {
        files.add(TomlFile.parse(imported, node.text(imported).orElse("")));
      }
    }
    this.target = target(main, imports);
  }

  private static long understood(TomlFile main) {
    long version = main.integer(List.of("version")).orElse(1L);
    if (version < OLDEST || version > NEWEST) {
      throw new Refused(
          main.path()
              + " has version "
              + version
              + " (1 if it does not say); understood are "
              + OLDEST
              + " to "
              + NEWEST
              + ". 'containerd config migrate' prints it as a newer one.");
    }
    return version;
  }

  long version() {
    return version;
  }

  /** The value that containerd uses, if any file sets it. */
  Optional<String> string(List<String> key) {
    return last(key).flatMap(file -> file.string(key));
  }

  boolean isTrue(List<String> key) {
    return last(key).flatMap(file -> file.bool(key)).orElse(false);
  }

  boolean has(List<String> key) {
    return last(key).isPresent();
  }

  List<String> strings(List<String> key) {
    return files.stream().flatMap(file -> file.strings(key).stream()).toList();
  }

  /** Names of the tables below a table, of all files. */
  List<String> keys(List<String> table) {
    return files.stream().flatMap(file -> file.keys(table).stream()).distinct().toList();
  }

  /** The key of a setting of the CRI plugin that pulls images, which moved with version 3. */
  List<String> images(String... rest) {
    return key("io.containerd.cri.v1.images", "io.containerd.grpc.v1.cri", rest);
  }

  /** The key of a setting about snapshots: in version 2 one table deeper than the others. */
  List<String> snapshots(String name) {
    return version >= MERGES_KEYS ? images(name) : images("containerd", name);
  }

  /** Sets a key in the file that is changed. */
  void set(List<String> key, Object value) {
    if (!inEffect(key, value)) {
      target.set(key, value);
    }
  }

  /** The changed file. */
  DesiredFile file(RestartUnit reader) {
    if (blank || target.keys(List.of()).isEmpty() || !target.has(List.of("version"))) {
      target.set(List.of("version"), version);
    }
    return DesiredFile.readAtStart(target.path(), target.text(), reader);
  }

  private boolean inEffect(List<String> key, Object value) {
    Optional<TomlFile> file = last(key);
    if (file.isEmpty()) {
      return false;
    }
    return switch (value) {
      case String string -> file.get().string(key).filter(string::equals).isPresent();
      case Boolean bool -> file.get().bool(key).filter(bool::equals).isPresent();
      default -> false;
    };
  }

  // What the last file says about a key counts.
  private Optional<TomlFile> last(List<String> key) {
    return files.reversed().stream().filter(file -> file.has(key)).findFirst();
  }

  private List<String> key(String fromThree, String two, String... rest) {
    var key = new ArrayList<String>();
    key.add("plugins");
    key.add(version >= MERGES_KEYS ? fromThree : two);
    key.addAll(List.of(rest));
    return key;
  }

  private TomlFile target(TomlFile main, List<String> imports) {
    if (version >= MERGES_KEYS) {
      for (String pattern : imports) {
        if (pattern.startsWith("/") && pattern.endsWith("/*.toml")) {
          return dropIn(pattern.substring(0, pattern.lastIndexOf('/') + 1) + DROP_IN);
        }
      }
    }
    return last(images()).orElse(main);
  }

  private TomlFile dropIn(String path) {
    String later =
        files.stream()
            .skip(1)
            .filter(file -> file.path().compareTo(path) > 0 && file.has(images()))
            .map(TomlFile::path)
            .findFirst()
            .orElse("");
    if (!later.isEmpty()) {
      throw new Refused(
          later
              + " is read after "
              + path
              + " and sets how images are pulled. Rename it so that it"
              + " comes before.");
    }
    return files.stream()
        .filter(file -> file.path().equals(path))
        .findFirst()
        .orElseGet(() -> TomlFile.parse(path, Origin.COMMENT));
  }

  // containerd takes * in the last part of a path; relative ones start at the file that imports.
  private List<String> matches(String parent, String pattern) {
    String absolute =
        pattern.startsWith("/")
            ? pattern
            : parent.substring(0, parent.lastIndexOf('/') + 1) + pattern;
    int slash = absolute.lastIndexOf('/');
    String folder = absolute.substring(0, slash);
    if (folder.contains("*")) {
      throw new Refused(parent + " imports " + pattern + "; only the last part may hold a *");
    }
    var matcher = FileSystems.getDefault().getPathMatcher("glob:" + absolute.substring(slash + 1));
    return node.list(folder).stream()
        .filter(name -> matcher.matches(Path.of(name)))
        .map(name -> folder + "/" + name)
        .toList();
  }
}
