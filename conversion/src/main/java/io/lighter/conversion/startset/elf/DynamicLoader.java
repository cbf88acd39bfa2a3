package io.lighter.conversion.startset.elf;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.ObjectLoader;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens what the dynamic linkers open: the interpreter, objects loaded in advance, and the needed
 * objects breadth first, each where {@code ld.so(8)} or musl looks for it. Serves one analysis.
 */
public final class DynamicLoader implements ObjectLoader {

  private static final int MAX_PRELOAD = 4096;

  private final Map<ImageFile, Optional<ElfFile>> files = new HashMap<>();
  private final Set<ImageFile> closed = new LinkedHashSet<>();
  private final Map<Integer, LibrarySearch> searches = new HashMap<>();
  private @Nullable Loaded program;

  /**
   * An object on its way into memory.
   *
   * @param by what needs it; null for what is loaded first
   */
  record Loaded(ImageFile file, ElfFile elf, @Nullable Loaded by) {

    /** Directory of the file, which {@code $ORIGIN} stands for. */
    String origin() {
      return file.directory().path();
    }
  }

  @Override
  public void load(ImageFile object, Reason reason, Start start) {
    Optional<ElfFile> elf = elf(object, start);
    if (elf.isEmpty() || !closed.add(object)) {
      return;
    }
    var first = new Loaded(object, elf.get(), program(elf.get()));
    LibrarySearch search =
        searches.computeIfAbsent(
            elf.get().machine(), _ -> LibrarySearch.of(elf.get(), start, this::elf));
    var found = new LinkedHashSet<ImageFile>();
    var queue = new ArrayDeque<>(List.of(first));
    if (elf.get().interpreter().isPresent()) {
      String interpreter = elf.get().interpreter().get();
      program = first;
      if (start.reads(interpreter, reason.then("dynamic linker of " + object)).isEmpty()) {
        start.unresolved(interpreter, "it is the dynamic linker of " + object);
      }
      queue.addAll(preloaded(first, search, start));
    }
    while (!queue.isEmpty()) {
      Loaded next = queue.remove();
      for (String name : next.elf().needed()) {
        start.checkpoint();
        Optional<ImageFile> library = search.find(name, next, start);
        if (library.isEmpty() && !search.isBuiltIn(name)) {
          start.unresolved(name, "it is needed by " + next.file());
        }
        if (library.isPresent() && closed.add(library.get())) {
          ImageFile file = library.get();
          start.reads(file, reason.then("needed by " + next.file()));
          found.add(file);
          elf(file, start).ifPresent(needed -> queue.add(new Loaded(file, needed, next)));
        }
      }
    }
    found.forEach(library -> LibraryFiles.read(library, start));
  }

  /** Objects that a program loads dynamically are searched for on its behalf as well. */
  private @Nullable Loaded program(ElfFile elf) {
    return elf.interpreter().isPresent() ? null : program;
  }

  private List<Loaded> preloaded(Loaded first, LibrarySearch search, Start start) {
    var names = new ArrayList<String>();
    names.addAll(List.of(start.variable("LD_PRELOAD").orElse("").split("[: ]+")));
    start
        .reads("/etc/ld.so.preload", Reason.certain("the dynamic linker loads what it names"))
        .ifPresent(file -> names.addAll(List.of(start.text(file, MAX_PRELOAD).split("[:\\s]+"))));
    var loaded = new ArrayList<Loaded>();
    for (String name : names) {
      Optional<ImageFile> library =
          name.isEmpty() ? Optional.empty() : search.find(name, first, start);
      library.ifPresent(file -> {
        start.reads(file, Reason.certain("loaded before " + first.file()));
        elf(file, start).ifPresent(elf -> loaded.add(new Loaded(file, elf, first)));
      });
    }
    return loaded;
  }

  private Optional<ElfFile> elf(ImageFile file, Start start) {
    Optional<ElfFile> known = files.get(file);
    if (known == null) {
      known = ElfFile.read(file, start);
      files.put(file, known);
    }
    return known;
  }
}
