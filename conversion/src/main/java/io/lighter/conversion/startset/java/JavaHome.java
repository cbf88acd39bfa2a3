package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a Java runtime: one with a {@code modules} file (since Java 9), or one with {@code
 * rt.jar}. Belongs to one thread.
 */
final class JavaHome {

  private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";
  private static final int RELEASE_LENGTH = 4096;

  /** Java 14 and older load these before anything else. */
  private static final List<String> EARLY_LIBRARIES = List.of("libverify.so", "libzip.so");

  private static final int LAST_WITH_EARLY_LIBRARIES = 14;

  /** Libraries that programs with sockets, jars and logs end up with, in their usual order. */
  private static final List<String> USUAL_LIBRARIES =
      List.of(
          "libnio.so",
          "libnet.so",
          "libzip.so",
          "libextnet.so",
          "libmanagement.so",
          "libmanagement_ext.so");

  private static final List<String> PROCESSOR_LIBRARIES = List.of("libjsvml.so", "libsimdsort.so");

  /** Relative to the directory of configuration. */
  private static final List<String> USUAL_CONFIGURATION =
      List.of("net.properties", "security/java.security");

  private static final List<String> LESS_USUAL_CONFIGURATION =
      List.of(
          "logging.properties",
          "security/policy/unlimited/default_US_export.policy",
          "security/policy/unlimited/default_local.policy");

  private static final List<String> OLD_JARS =
      List.of("resources.jar", "jsse.jar", "jce.jar", "charsets.jar", "jfr.jar");

  private static final Reason RUNTIME = Reason.certain("part of the Java runtime");
  private static final Reason USUAL = Reason.likely("part of the Java runtime that servers use");
  private static final Reason LESS_USUAL =
      Reason.possible("part of the Java runtime that many programs use");

  /**
   * Read in parts, some of which every start needs: of a small web server's 123 MiB, 25 MiB were
   * read, in 13 of 31 chunks of 4 MiB. Fetching the whole costs more bytes and saves as many
   * requests, so it comes last where not all files have room.
   */
  private static final Reason MODULES = Reason.possible("modules of the Java runtime, in parts");

  private final Start start;
  private final ImageFile home;

  /** Directory of the libraries. */
  private final ImageFile libraries;

  /** The machine is loaded already when other libraries ask for it, without telling where. */
  private final Start inside;

  private JavaHome(Start start, ImageFile home, ImageFile libraries) {
    this.start = start;
    this.home = home;
    this.libraries = libraries;
    String paths = libraries.path() + "/server:" + libraries.path();
    this.inside =
        start.with(
            Map.of(
                LIBRARY_PATH,
                start.variable(LIBRARY_PATH).map(own -> own + ":" + paths).orElse(paths)));
  }

  /** The runtime that a launcher belongs to. */
  static Optional<JavaHome> of(ImageFile launcher, Start start) {
    ImageFile home = launcher.directory().directory();
    for (String place : List.of("", "jre")) {
      Optional<ImageFile> at = directory(start, home, place);
      Optional<ImageFile> lib = at.flatMap(found -> directory(start, found, "lib"));
      if (lib.isPresent()) {
        Optional<ImageFile> libraries = withConfiguration(lib.get());
        if (libraries.isPresent()) {
          return Optional.of(new JavaHome(start, at.get(), libraries.get()));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<ImageFile> directory(Start start, ImageFile from, String path) {
    return start.image().find(from, path).filter(ImageFile::isDirectory);
  }

  /** Where jvm.cfg is: in lib, or in old runtimes in a directory below it for the processor. */
  private static Optional<ImageFile> withConfiguration(ImageFile lib) {
    if (lib.children().containsKey("jvm.cfg")) {
      return Optional.of(lib);
    }
    return lib.children().values().stream()
        .filter(child -> child.children().containsKey("jvm.cfg"))
        .findFirst();
  }

  /** Takes in what the machine reads before it looks for the program's classes. */
  void begin(JavaOptions options) {
    read(libraries, "jvm.cfg", RUNTIME);
    if (!load(options.variant() + "/libjvm.so", RUNTIME)) {
      load("server/libjvm.so", RUNTIME);
    }
    load("jli/libjli.so", RUNTIME);
    // The machine's log and the first date need the time zone.
    start.reads("/etc/localtime", RUNTIME);
    if (version() <= LAST_WITH_EARLY_LIBRARIES) {
      EARLY_LIBRARIES.forEach(library -> load(library, RUNTIME));
    }
    load("libjimage.so", RUNTIME);
    read(libraries, "../lib/modules", MODULES);
    load("libjava.so", RUNTIME);
    archives(options);
    PROCESSOR_LIBRARIES.forEach(library -> load(library, USUAL));
    for (String agent : options.agentLibraries()) {
      boolean found =
          agent.contains("/")
              ? start.file(agent).map(file -> loaded(file, RUNTIME)).orElse(false)
              : load("lib" + agent + ".so", RUNTIME);
      if (!found) {
        start.unresolved(agent, "there is no such agent");
      }
    }
    if (!options.agents().isEmpty()) {
      load("libinstrument.so", RUNTIME);
    }
    oldJars();
  }

  private void archives(JavaOptions options) {
    if (!options.aotCache().isEmpty()) {
      start.reads(options.aotCache(), Reason.certain("AOT cache of the command line"));
      return;
    }
    if (!options.sharesClasses()) {
      return;
    }
    String inHome = "../lib/" + options.variant() + "/" + options.defaultArchive();
    if (!read(libraries, inHome, RUNTIME)) {
      read(libraries, options.variant() + "/" + options.defaultArchive(), RUNTIME);
    }
    for (String archive : options.archives()) {
      start.reads(archive, Reason.certain("archive of classes of the command line"));
    }
  }

  private void oldJars() {
    if (read(home, "lib/rt.jar", RUNTIME)) {
      read(home, "lib/meta-index", RUNTIME);
      read(home, "lib/ext/meta-index", RUNTIME);
      OLD_JARS.forEach(jar -> read(home, "lib/" + jar, LESS_USUAL));
    }
  }

  /** Takes in what most programs lead to once they run. */
  void end() {
    USUAL_LIBRARIES.forEach(library -> load(library, USUAL));
    read(home, "lib/tzdb.dat", USUAL);
    String configuration = directory(start, home, "conf").isPresent() ? "conf/" : "lib/";
    USUAL_CONFIGURATION.forEach(file -> read(home, configuration + file, USUAL));
    LESS_USUAL_CONFIGURATION.forEach(file -> read(home, configuration + file, LESS_USUAL));
    read(home, "lib/security/cacerts", LESS_USUAL);
  }

  private int version() {
    Optional<ImageFile> release = start.image().find(home, "release").filter(ImageFile::isRegular);
    String text = release.map(file -> start.text(file, RELEASE_LENGTH)).orElse("");
    int at = text.indexOf("JAVA_VERSION=\"");
    int number = 0;
    for (int i = at + "JAVA_VERSION=\"".length(); at >= 0 && i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || number > 1_000) {
        return number;
      }
      number = number * 10 + (c - '0');
    }
    return Integer.MAX_VALUE;
  }

  private boolean load(String library, Reason reason) {
    return start
        .image()
        .find(libraries, library)
        .filter(ImageFile::isRegular)
        .map(file -> loaded(file, reason))
        .orElse(false);
  }

  private boolean loaded(ImageFile file, Reason reason) {
    inside.loads(file, reason);
    return true;
  }

  private boolean read(ImageFile from, String path, Reason reason) {
    Optional<ImageFile> file = start.image().find(from, path).filter(ImageFile::isRegular);
    file.ifPresent(found -> start.reads(found, reason));
    return file.isPresent();
  }
}
