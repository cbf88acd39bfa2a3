package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;

/**
 * Programs that load more than their class path names, from directories of their own: Tomcat,
 * exploded Spring Boot applications, Quarkus. Belongs to one thread.
 */
final class Containers {

  private static final Reason OWN = Reason.likely("library that the application loads itself");

  private final Start start;
  private final ClassPath classPath;

  Containers(Start start, ClassPath classPath) {
    this.start = start;
    this.classPath = classPath;
  }

  /**
   * Adds what a main class loads.
   *
   * @param mainClass dotted name
   * @param options those of the machine
   */
  void followClass(String mainClass, JavaOptions options) {
    if (mainClass.equals("org.apache.catalina.startup.Bootstrap")) {
      tomcat(options);
    } else if (mainClass.startsWith("org.springframework.boot.loader.")) {
      for (ImageFile root : classPath.directories()) {
        boot(root);
      }
    }
  }

  /** Adds what a jar loads from beside it. */
  void followJar(ImageFile jar) {
    ImageFile home = jar.directory();
    if (jar.name().equals("quarkus-run.jar")) {
      directory(home, "quarkus").ifPresent(this::readAll);
      for (String libraries : List.of("quarkus", "app", "lib/boot", "lib/main")) {
        directory(home, libraries).ifPresent(at -> classPath.addJarsOf(at, OWN));
      }
    }
  }

  private Optional<ImageFile> directory(ImageFile from, String path) {
    return start.image().find(from, path).filter(ImageFile::isDirectory);
  }

  private void readAll(ImageFile directory) {
    for (ImageFile file : directory.children().values()) {
      start.checkpoint();
      start.reads(file, OWN);
    }
  }

  private void boot(ImageFile root) {
    start.image().find(root, "META-INF/MANIFEST.MF").ifPresent(file -> start.reads(file, OWN));
    for (String layout : List.of("BOOT-INF", "WEB-INF")) {
      directory(root, layout).ifPresent(this::readAll);
      directory(root, layout + "/classes").ifPresent(classPath::addDirectory);
      directory(root, layout + "/lib").ifPresent(at -> classPath.addJarsOf(at, OWN));
    }
  }

  private void tomcat(JavaOptions options) {
    Optional<ImageFile> home =
        options.property("catalina.home").flatMap(path -> start.image().directory(path));
    Optional<ImageFile> base =
        options
            .property("catalina.base")
            .flatMap(path -> start.image().directory(path))
            .or(() -> home);
    home.flatMap(at -> directory(at, "lib")).ifPresent(lib -> classPath.addJarsOf(lib, OWN));
    if (base.isEmpty()) {
      return;
    }
    directory(base.get(), "conf").ifPresent(this::readAll);
    for (ImageFile application :
        directory(base.get(), "webapps").map(at -> at.children().values()).orElse(List.of())) {
      start.checkpoint();
      if (application.name().endsWith(".war")) {
        start.reads(application, OWN);
      }
      directory(application, "META-INF").ifPresent(this::readAll);
      directory(application, "WEB-INF").ifPresent(this::readAll);
      directory(application, "WEB-INF/classes").ifPresent(classPath::addDirectory);
      directory(application, "WEB-INF/lib").ifPresent(at -> classPath.addJarsOf(at, OWN));
    }
  }
}
