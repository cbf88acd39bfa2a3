package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.elf.DynamicLoader.Loaded;
import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Where the dynamic linker of an image looks for shared objects, for one architecture. */
final class LibrarySearch {

  /** What musl's own file stands for. */
  private static final Set<String> OF_MUSL =
      Set.of(
          "libc.so",
          "libpthread.so",
          "librt.so",
          "libm.so",
          "libdl.so",
          "libutil.so",
          "libxnet.so");

  private final BiFunction<ImageFile, Start, Optional<ElfFile>> reader;
  private final ElfFile like;
  private final String architecture;
  private final boolean musl;
  private final LibraryCache cache;
  private final Optional<ImageFile> cacheFile;
  private final List<String> defaults;
  private final List<String> configured;

  private LibrarySearch(
      BiFunction<ImageFile, Start, Optional<ElfFile>> reader, ElfFile like, Start start) {
    this.reader = reader;
    this.like = like;
    this.architecture =
        switch (like.machine()) {
          case ElfFile.X86_64 -> "x86_64";
          case ElfFile.AARCH64 -> "aarch64";
          default -> "other";
        };
    this.musl =
        like.interpreter()
            .map(interpreter -> interpreter.contains("ld-musl"))
            .orElseGet(
                () -> start.image().file("/lib/ld-musl-" + architecture + ".so.1").isPresent());
    this.cacheFile = musl ? Optional.empty() : start.image().file(LibraryCache.PATH);
    this.cache =
        cacheFile.map(file -> LibraryCache.read(file, start)).orElseGet(LibraryCache::none);
    String triplet = "/" + architecture + "-linux-gnu";
    this.defaults =
        musl
            ? ConfiguredDirectories.ofMusl(start, architecture)
            : List.of(
                "/lib" + triplet, "/usr/lib" + triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib");
    this.configured = musl ? List.of() : ConfiguredDirectories.ofGlibc(start);
  }

  /** The search for objects like this one. */
  static LibrarySearch of(
      ElfFile like, Start start, BiFunction<ImageFile, Start, Optional<ElfFile>> reader) {
    return new LibrarySearch(reader, like, start);
  }

  /** Whether a name means the C library itself, which is in memory already. */
  boolean isBuiltIn(String name) {
    return musl && (OF_MUSL.contains(name) || name.startsWith("libc.musl-"));
  }

  /** The object that a name means for one that needs it. */
  Optional<ImageFile> find(String name, Loaded by, Start start) {
    if (name.contains("/")) {
      return suitable(expand(name, by), start);
    }
    for (String directory : ownDirectories(by, start)) {
      Optional<ImageFile> found = in(directory, name, start);
      if (found.isPresent()) {
        return found;
      }
    }
    cacheFile.ifPresent(file -> start.reads(file, Reason.certain("the dynamic linker's cache")));
    return cached(name, start)
        .or(() -> in(defaults, name, start))
        .or(() -> in(configured, name, start));
  }

  /** The directories that objects and the environment name, in the order of the dynamic linker. */
  private List<String> ownDirectories(Loaded by, Start start) {
    var directories = new ArrayList<String>();
    List<String> environment = List.of(start.variable("LD_LIBRARY_PATH").orElse("").split("[:;]"));
    if (musl) {
      directories.addAll(environment);
      for (Loaded at = by; at != null; at = at.by()) {
        addExpanded(
            at.elf().runpath().isEmpty() ? at.elf().rpath() : at.elf().runpath(), at, directories);
      }
    } else {
      for (Loaded at = by; at != null && by.elf().runpath().isEmpty(); at = at.by()) {
        if (at.elf().runpath().isEmpty()) {
          addExpanded(at.elf().rpath(), at, directories);
        }
      }
      directories.addAll(environment);
      addExpanded(by.elf().runpath(), by, directories);
    }
    directories.removeIf(String::isEmpty);
    return directories;
  }

  private void addExpanded(List<String> paths, Loaded of, List<String> into) {
    paths.forEach(path -> into.add(expand(path, of)));
  }

  private String expand(String path, Loaded of) {
    if (path.indexOf('$') < 0) {
      return path;
    }
    String lib = like.wide() ? "lib64" : "lib";
    return path.replace("${ORIGIN}", of.origin())
        .replace("$ORIGIN", of.origin())
        .replace("${LIB}", lib)
        .replace("$LIB", lib)
        .replace("${PLATFORM}", architecture)
        .replace("$PLATFORM", architecture);
  }

  /** Those for the processor of a usual node come along with the plain one, which others use. */
  private Optional<ImageFile> cached(String name, Start start) {
    Optional<ImageFile> plain = Optional.empty();
    for (String path : cache.paths(name)) {
      if (!path.contains("/glibc-hwcaps/")) {
        plain = plain.isPresent() ? plain : suitable(path, start);
      } else if (usual(path)) {
        suitable(path, start).ifPresent(file -> forProcessor(file, start));
      }
    }
    return plain;
  }

  private static boolean usual(String path) {
    return path.contains("/x86-64-v3/") || path.contains("/x86-64-v2/");
  }

  private static void forProcessor(ImageFile file, Start start) {
    start.reads(file, Reason.likely("for processors of this kind"));
  }

  private Optional<ImageFile> in(List<String> directories, String name, Start start) {
    return directories.stream()
        .flatMap(directory -> in(directory, name, start).stream())
        .findFirst();
  }

  private Optional<ImageFile> in(String directory, String name, Start start) {
    start.checkpoint();
    Optional<ImageFile> there = start.image().directory(start.absolute(directory));
    if (there.isEmpty()) {
      return Optional.empty();
    }
    if (like.machine() == ElfFile.X86_64 && there.get().children().containsKey("glibc-hwcaps")) {
      suitable(directory + "/glibc-hwcaps/x86-64-v3/" + name, start)
          .or(() -> suitable(directory + "/glibc-hwcaps/x86-64-v2/" + name, start))
          .ifPresent(file -> forProcessor(file, start));
    }
    return there.get().children().containsKey(name)
        ? suitable(directory + "/" + name, start)
        : Optional.empty();
  }

  /** What is there, unless it is for another architecture, which dynamic linkers pass over. */
  private Optional<ImageFile> suitable(String path, Start start) {
    return start
        .file(path)
        .filter(file ->
            reader
                .apply(file, start)
                .filter(elf -> elf.machine() == like.machine() && elf.wide() == like.wide())
                .isPresent());
  }
}
