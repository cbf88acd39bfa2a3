package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the shared objects of packages that choose theirs by platform: those that {@code
 * node-gyp-build}, {@code bindings} and {@code node-pre-gyp} look up, and those in packages of
 * their own, one for each platform. Belongs to one thread.
 */
final class NativeAddons {

  private static final Set<String> FINDERS =
      Set.of(
          "bindings",
          "node-gyp-build",
          "node-gyp-build-optional-packages",
          "@mapbox/node-pre-gyp",
          "node-pre-gyp",
          "pkg-prebuilds",
          "prebuildify");

  /** Where builds put them, in the order in which they are looked for. */
  private static final List<String> BUILDS =
      List.of("build/Release", "build", "lib/binding", "lib", "native", ".");

  private final Start start;
  private final boolean musl;

  NativeAddons(Start start) {
    this.start = start;
    this.musl =
        start.image().directory("/lib").stream()
            .flatMap(lib -> lib.children().keySet().stream())
            .anyMatch(name -> name.startsWith("ld-musl-"));
  }

  /** Whether a module looks for the shared object of the package that requires it. */
  static boolean isFinder(String specifier) {
    return FINDERS.contains(specifier);
  }

  /** Loads what a finder would find in a package. */
  void findIn(ImageFile directory, Reason reason) {
    for (String build : BUILDS) {
      if (load(directory, build, reason)) {
        return;
      }
    }
    Optional<ImageFile> prebuilds =
        start.image().find(directory, "prebuilds").filter(ImageFile::isDirectory);
    for (String platform : prebuilds.map(at -> at.children().keySet()).orElse(Set.of())) {
      if (platform.startsWith("linux")) {
        load(directory, "prebuilds/" + platform, reason);
      }
    }
  }

  /** Whether a package of this name is for the platform of the image, as far as its name tells. */
  boolean suits(String name) {
    boolean other = musl ? name.contains("gnu") || name.contains("glibc") : name.contains("musl");
    return !other && !name.contains("darwin") && !name.contains("win32");
  }

  private boolean load(ImageFile directory, String build, Reason reason) {
    Optional<ImageFile> at = start.image().find(directory, build).filter(ImageFile::isDirectory);
    boolean any = false;
    for (String name : at.map(found -> found.children().keySet()).orElse(Set.of())) {
      start.checkpoint();
      if (name.endsWith(".node") && suits(name)) {
        Optional<ImageFile> object =
            start.image().find(at.get(), name).filter(ImageFile::isRegular);
        object.ifPresent(found -> start.loads(found, reason));
        any |= object.isPresent();
      }
    }
    return any;
  }
}
