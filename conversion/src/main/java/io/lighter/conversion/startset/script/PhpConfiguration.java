package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** PHP's configuration and the extensions that it names. Belongs to one thread. */
final class PhpConfiguration {

  private static final int MAX_LENGTH = 1 << 20;
  private static final int MAX_EXTENSIONS = 1_000;

  private static final Reason CONFIGURATION = Reason.certain("configuration of PHP");
  private static final Reason EXTENSION = Reason.certain("extension of PHP");

  private final Start start;
  private final ImageFile program;
  private final List<String> extensions = new ArrayList<>();
  private String extensionDirectory = "";

  PhpConfiguration(Start start, ImageFile program) {
    this.start = start;
    this.program = program;
  }

  /**
   * Takes it in.
   *
   * @param named file or directory that the command line names; empty if it does not
   * @param manager whether the process manager is started, which has more
   */
  void read(String named, boolean manager) {
    for (String directory : directories(manager)) {
      main(named.isEmpty() ? start.variable("PHPRC").orElse(directory) : named, manager);
      String scanned = start.variable("PHP_INI_SCAN_DIR").orElse("");
      for (String path : (scanned.isEmpty() ? directory + "/conf.d" : scanned).split(":", -1)) {
        files(path.isEmpty() ? directory + "/conf.d" : path, ".ini").forEach(this::settings);
      }
      if (manager) {
        pools(directory);
      }
    }
    extensions.stream().limit(MAX_EXTENSIONS).forEach(this::load);
  }

  /** The official images' directory, Debian's, Alpine's, in so far as they are there. */
  private List<String> directories(boolean manager) {
    String prefix = program.directory().directory().path();
    var candidates = new ArrayList<String>(List.of(prefix + "/etc/php"));
    String digits = program.name().replaceAll("[^0-9.]", "");
    String version = !digits.isEmpty() ? digits : "8";
    candidates.add("/etc/php/" + version + "/" + (manager ? "fpm" : "cli"));
    candidates.add("/etc/php" + version.replace(".", ""));
    return candidates.stream().filter(path -> start.image().directory(path).isPresent()).toList();
  }

  private void main(String place, boolean manager) {
    Optional<ImageFile> file = start.file(place);
    if (file.isPresent()) {
      settings(file.get());
      return;
    }
    String own = manager ? "/php-fpm-fcgi.ini" : "/php-cli.ini";
    start.file(place + own).or(() -> start.file(place + "/php.ini")).ifPresent(this::settings);
  }

  private List<ImageFile> files(String directory, String suffix) {
    Optional<ImageFile> at = start.image().directory(start.absolute(directory));
    var files = new ArrayList<ImageFile>();
    for (String name : at.map(found -> List.copyOf(found.children().keySet())).orElse(List.of())) {
      start.checkpoint();
      if (name.endsWith(suffix)) {
        start.image().find(at.get(), name).filter(ImageFile::isRegular).ifPresent(files::add);
      }
    }
    return files;
  }

  private void settings(ImageFile file) {
    start.reads(file, CONFIGURATION);
    for (String line : start.text(file, MAX_LENGTH).split("\n", -1)) {
      start.checkpoint();
      int equals = line.indexOf('=');
      if (equals < 0 || line.startsWith(";")) {
        continue;
      }
      String name = line.substring(0, equals).strip();
      String value = line.substring(equals + 1).replace("\"", "").replace("'", "").strip();
      switch (name) {
        case "extension", "zend_extension" -> extensions.add(value);
        case "extension_dir" -> extensionDirectory = value;
        case "auto_prepend_file" -> start.reads(value, CONFIGURATION);
        default -> {
          // Everything else names nothing that is read.
        }
      }
    }
  }

  private void pools(String directory) {
    String parent =
        directory.endsWith("/php") ? directory.substring(0, directory.length() - 4) : directory;
    for (String path : List.of(parent + "/php-fpm.conf", directory + "/php-fpm.conf")) {
      start.reads(path, CONFIGURATION);
    }
    for (String path :
        List.of(parent + "/php-fpm.d", directory + "/pool.d", directory + "/php-fpm.d")) {
      files(path, ".conf").forEach(file -> start.reads(file, CONFIGURATION));
    }
  }

  private void load(String extension) {
    String name = extension.endsWith(".so") ? extension : extension + ".so";
    Optional<ImageFile> object =
        name.startsWith("/")
            ? start.file(name)
            : extensionDirectories().stream()
                .flatMap(at -> start.image().find(at, name).filter(ImageFile::isRegular).stream())
                .findFirst();
    object.ifPresentOrElse(
        file -> start.loads(file, EXTENSION),
        () -> start.unresolved(extension, "there is no such extension of PHP"));
  }

  /** The one that is configured, else all that are named after a version of PHP's interface. */
  private List<ImageFile> extensionDirectories() {
    var directories = new ArrayList<ImageFile>();
    if (!extensionDirectory.isEmpty()) {
      start.image().directory(extensionDirectory).ifPresent(directories::add);
    }
    String prefix = program.directory().directory().path();
    for (String parent : List.of(prefix + "/lib/php/extensions", prefix + "/lib/php")) {
      for (ImageFile child :
          start.image().directory(parent).map(at -> at.children().values()).orElse(List.of())) {
        start.checkpoint();
        if (child.isDirectory()) {
          directories.add(child);
        }
      }
    }
    start
        .image()
        .directory(prefix + "/lib/" + program.name() + "/modules")
        .ifPresent(directories::add);
    return directories;
  }
}
