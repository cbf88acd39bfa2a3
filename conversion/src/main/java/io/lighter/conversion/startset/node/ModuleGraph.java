package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.node.ModuleRequest.Kind;
import io.lighter.conversion.startset.node.ModuleRequest.Place;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The modules of one start, taken in as they load each other: what is sure first, depth first, then
 * what is less so. Belongs to one thread.
 */
final class ModuleGraph {

  /** Requests of one start, at most. */
  private static final int MAX_ASKED = 500_000;

  /** How many calls of functions may lie between the start and what is still taken in. */
  private static final int MAX_CALLS = 1;

  /** Longer sources are taken in without being looked into: they are bundles. */
  private static final int MAX_SOURCE = 32 << 20;

  /**
   * Something to be loaded.
   *
   * @param from directory of what loads it
   * @param by what loads it
   * @param calls how many functions must be called for that
   */
  private record Waiting(
      ImageFile from, String by, ModuleRequest request, Certainty certainty, int calls) {}

  private record Asked(ImageFile from, String specifier, Kind kind) {}

  private final Start start;
  private final Packages packages;
  private final Resolver resolver;
  private final NativeAddons addons;
  private final List<String> requireConditions;
  private final List<String> importConditions;
  private final Map<Certainty, Deque<Waiting>> waiting = new EnumMap<>(Certainty.class);
  private final Map<Asked, Certainty> asked = new HashMap<>();
  private final Set<ImageFile> visited = new HashSet<>();
  private final Set<ImageFile> packagesSeen = new HashSet<>();

  ModuleGraph(
      Start start,
      Packages packages,
      Resolver resolver,
      List<String> requireConditions,
      List<String> importConditions) {
    this.start = start;
    this.packages = packages;
    this.resolver = resolver;
    this.addons = new NativeAddons(start);
    this.requireConditions = List.copyOf(requireConditions);
    this.importConditions = List.copyOf(importConditions);
  }

  private Deque<Waiting> stack(Certainty certainty) {
    return waiting.computeIfAbsent(certainty, _ -> new ArrayDeque<>());
  }

  /** Takes in a module that the command line names, with all that it loads. */
  Optional<ImageFile> enter(ImageFile directory, String specifier, Reason reason) {
    Optional<ImageFile> module = resolver.resolve(directory, specifier, importConditions, reason);
    module.ifPresentOrElse(
        file -> enter(file, reason), () -> start.unresolved(specifier, "there is no such module"));
    return module;
  }

  /** Takes in a module with all that it loads. */
  void enter(ImageFile module, Reason reason) {
    visit(module, reason, 0, true);
    run();
  }

  /** Takes in what the text of a program loads. */
  void enterSource(ImageFile directory, byte[] source) {
    List<ModuleRequest> requests = ImportScanner.scan(source, start.environment(), true);
    queue(directory, "the command line", requests, Reason.certain("the command line"), 0, true);
    run();
  }

  private void run() {
    for (Certainty certainty : Certainty.values()) {
      Deque<Waiting> stack = stack(certainty);
      while (!stack.isEmpty()) {
        start.checkpoint();
        follow(stack.pop());
      }
    }
  }

  private void follow(Waiting next) {
    ModuleRequest request = next.request;
    var reason = new Reason(next.certainty, wording(request.kind()) + next.by);
    switch (request.kind()) {
      case REQUIRE, IMPORT -> load(next, reason);
      case RESOLVE ->
          resolver
              .resolve(next.from, request.specifier(), requireConditions, reason)
              .ifPresent(file -> visit(file, reason, next.calls, false));
      case FILE ->
          resolver
              .file(next.from, request.specifier())
              .ifPresent(file -> visit(file, reason, next.calls, false));
      case DIRECTORY -> loadAll(next, reason);
    }
  }

  private static String wording(Kind kind) {
    return switch (kind) {
      case REQUIRE -> "required by ";
      case IMPORT -> "imported by ";
      case RESOLVE, FILE -> "named by ";
      case DIRECTORY -> "beside ";
    };
  }

  private void load(Waiting next, Reason reason) {
    ModuleRequest request = next.request;
    if (Builtins.contains(request.specifier())) {
      return;
    }
    List<String> conditions = request.kind() == Kind.IMPORT ? importConditions : requireConditions;
    Optional<ImageFile> module =
        resolver.resolve(next.from, request.specifier(), conditions, reason);
    if (NativeAddons.isFinder(request.specifier())) {
      packages.around(next.from, reason).ifPresent(own -> addons.findIn(own.directory(), reason));
    }
    if (module.isPresent()) {
      visit(module.get(), reason, next.calls, false);
    } else if (!request.guarded() && reason.certainty() == Certainty.CERTAIN) {
      start.unresolved(request.specifier(), wording(request.kind()) + next.by + ", and not there");
    }
  }

  /** Loads all sources of a directory, for an application's module that lists them. */
  private void loadAll(Waiting next, Reason reason) {
    if (next.by.contains("/node_modules/")) {
      return;
    }
    for (Map.Entry<String, ImageFile> child : next.from.children().entrySet()) {
      start.checkpoint();
      boolean named = child.getKey().lastIndexOf('.') > 0;
      if (named && SourceType.of(child.getKey()) == SourceType.MODULE) {
        visit(child.getValue(), reason, next.calls, false);
      }
    }
  }

  private void visit(ImageFile file, Reason reason, int calls, boolean isMain) {
    if (!visited.add(file)) {
      return;
    }
    switch (SourceType.of(file.name())) {
      case ADDON -> {
        if (isMain || addons.suits(file.name())) {
          start.loads(file, reason);
        }
      }
      case DATA -> start.reads(file, reason);
      case MODULE -> {
        packages.around(file.directory(), reason).ifPresent(own -> enterPackage(own, reason));
        start.reads(file, reason);
        if (file.size() <= MAX_SOURCE) {
          List<ModuleRequest> requests =
              ImportScanner.scan(start.content(file), start.environment(), isMain);
          queue(file.directory(), file.path(), requests, reason, calls, isMain);
        }
      }
    }
  }

  /** Loads the shared objects of the packages that a package has for each platform. */
  private void enterPackage(NodePackage own, Reason reason) {
    if (!packagesSeen.add(own.directory())) {
      return;
    }
    for (String name : own.optionalDependencies()) {
      start.checkpoint();
      if (name.contains("linux") && addons.suits(name)) {
        var because =
            new Reason(least(reason.certainty(), Certainty.LIKELY), "addon of " + own.name());
        resolver
            .packageDirectory(own.directory(), name)
            .flatMap(directory -> packages.in(directory, because))
            .ifPresent(addon -> addons.findIn(addon.directory(), because));
      }
    }
  }

  private void queue(
      ImageFile directory,
      String by,
      List<ModuleRequest> requests,
      Reason reason,
      int calls,
      boolean isMain) {
    for (ModuleRequest request : requests.reversed()) {
      start.checkpoint();
      int callsThere = calls + (request.place() == Place.FUNCTION && !isMain ? 1 : 0);
      Certainty certainty = least(reason.certainty(), certainty(request, isMain));
      var key = new Asked(directory, request.specifier(), request.kind());
      Certainty before = asked.get(key);
      boolean surer = before == null || certainty.compareTo(before) < 0;
      if (surer && callsThere <= MAX_CALLS && asked.size() < MAX_ASKED) {
        asked.put(key, certainty);
        stack(certainty).push(new Waiting(directory, by, request, certainty, callsThere));
      }
    }
  }

  private static Certainty certainty(ModuleRequest request, boolean isMain) {
    Certainty byPlace =
        switch (request.place()) {
          case TOP -> Certainty.CERTAIN;
          case CONDITIONAL -> Certainty.LIKELY;
          case AFTER_FAILURE -> Certainty.POSSIBLE;
          case FUNCTION -> isMain ? Certainty.LIKELY : Certainty.POSSIBLE;
        };
    return switch (request.kind()) {
      case REQUIRE, IMPORT -> byPlace;
      case FILE, DIRECTORY -> least(byPlace, Certainty.LIKELY);
      case RESOLVE -> Certainty.POSSIBLE;
    };
  }

  private static Certainty least(Certainty one, Certainty other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
