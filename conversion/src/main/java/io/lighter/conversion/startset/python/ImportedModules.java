package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Module.Kind;
import io.lighter.conversion.startset.python.Module.Location;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The modules that a program has imported, and what importing one more reads. */
final class ImportedModules {

  private static final int LONGEST_SOURCE = 8 << 20;
  private static final int LONGEST_EXTENSION = 64 << 20;

  private final Start start;
  private final ModuleFinder finder;
  private final CompiledFiles compiled;
  private final Facts facts;
  private final boolean frozen;
  private final BuiltInModules builtIn = new BuiltInModules();
  private final KnownPackages known;
  private final ExtensionModules extensions;
  private final SourceCache sources;
  private final Map<String, Module> loaded = new HashMap<>();

  /** What an import leads to. */
  sealed interface Outcome {}

  /** There is no such module. */
  record Missing() implements Outcome {}

  /** Nothing more. */
  record Done() implements Outcome {}

  /** Statements that run. */
  record Statements(Module module, List<Statement> statements) implements Outcome {}

  /** Other modules. */
  record Imports(Collection<String> names) implements Outcome {}

  ImportedModules(
      Start start,
      ModuleFinder finder,
      CompiledFiles compiled,
      ExtensionModules extensions,
      Facts facts,
      boolean frozen) {
    this.start = start;
    this.finder = finder;
    this.compiled = compiled;
    this.extensions = extensions;
    this.facts = facts;
    this.frozen = frozen;
    this.known = KnownPackages.all();
    this.sources = new SourceCache(start);
  }

  ModuleFinder finder() {
    return finder;
  }

  Facts facts() {
    return facts;
  }

  KnownPackages known() {
    return known;
  }

  Optional<Module> loaded(String name) {
    return Optional.ofNullable(loaded.get(name));
  }

  /** All that were imported, in no order. */
  List<Module> all() {
    return List.copyOf(loaded.values());
  }

  /** A module as a value. */
  Value value(String name) {
    Module module = loaded.get(known.instead(name, loaded::containsKey).orElse(name));
    return module == null ? new Value.Nothing() : new Value.OfModule(module);
  }

  /** Whether a module has assigned a name. */
  boolean has(String module, String name) {
    return loaded(known.instead(module, loaded::containsKey).orElse(module))
        .filter(there -> there.scope().containsKey(name))
        .isPresent();
  }

  /** An attribute of a module, or a module inside it. */
  Value attribute(String module, String name) {
    String real = known.instead(module, loaded::containsKey).orElse(module);
    if (!real.equals(module)) {
      return attribute(real, name);
    }
    Value own = loaded(module).map(there -> there.scope().get(name)).orElse(null);
    return own == null ? value(module + "." + name) : own;
  }

  /** Full name of a module that is named relative to another. */
  String absolute(Module from, int level, String name) {
    if (level == 0) {
      return name;
    }
    String base = from.packageName();
    for (int i = 1; i < level; i++) {
      base = base.substring(0, Math.max(0, base.lastIndexOf('.')));
    }
    return base.isEmpty() ? name : name.isEmpty() ? base : base + "." + name;
  }

  /** Makes a program that is no importable module known, and reads what it says. */
  Statements program(String name, Location location) {
    var module = new Module(name, Kind.SOURCE, Optional.of(location), List.of());
    return new Statements(module, statements(module));
  }

  /** Statements of a text that stands in no file. */
  Statements text(String name, byte[] source) {
    var module = new Module(name, Kind.SOURCE, Optional.empty(), List.of());
    sources.put(module, source);
    return new Statements(module, StatementReader.read(source, facts));
  }

  /** Statements of a module that is found, whether it is imported or not. */
  List<Statement> statements(Module module) {
    return StatementReader.read(source(module), facts);
  }

  /** The source of a module. */
  byte[] source(Module module) {
    return sources.of(module, LONGEST_SOURCE);
  }

  /** All texts of a module that are written out. */
  Set<String> texts(Module module) {
    var texts = new LinkedHashSet<String>();
    byte[] source = source(module);
    var line = new Lexer(source, 0, source.length);
    while (line.next()) {
      for (int i = 0; i < line.count(); i++) {
        if (line.isString(i)) {
          line.literal(i).ifPresent(texts::add);
        }
      }
    }
    return texts;
  }

  /** Statements of a function. */
  List<Statement> body(Value.OfFunction function) {
    byte[] source = source(function.module());
    int end = Math.min(source.length, function.function().end());
    int begin = Math.min(end, function.function().begin());
    return StatementReader.read(source, begin, end, facts);
  }

  /** Imports a module whose parent is imported. */
  Outcome load(Work.Load load) {
    String name = load.module();
    if (loaded.containsKey(name)) {
      return new Done();
    }
    Optional<String> instead = known.instead(name, loaded::containsKey);
    if (instead.isPresent()) {
      return new Imports(List.of(instead.get()));
    }
    Optional<Module> found = finder.find(name);
    int dot = name.lastIndexOf('.');
    Module parent = dot < 0 ? null : loaded.get(name.substring(0, dot));
    if (found.isEmpty()) {
      // A module that has modules without being a package puts them there itself.
      boolean own = parent != null && !parent.isPackage();
      return own || known.provides(name) ? new Done() : new Missing();
    }
    Module module = found.get();
    loaded.put(name, module);
    if (parent != null) {
      parent.scope().putIfAbsent(name.substring(dot + 1), new Value.OfModule(module));
    }
    return read(module, new Reason(load.certainty(), "imported by " + load.by()));
  }

  private Outcome read(Module module, Reason reason) {
    Optional<Location> location = module.location();
    if (location.isEmpty()) {
      return new Done();
    }
    ImageFile file = location.get().file();
    return switch (module.kind()) {
      case BUILT_IN, NAMESPACE -> new Done();
      case COMPILED -> {
        start.reads(file, reason);
        yield new Done();
      }
      case EXTENSION -> {
        start.loads(file, reason);
        yield file.size() > LONGEST_EXTENSION
            ? new Done()
            : new Imports(extensions.names(module, start.content(file)));
      }
      case SOURCE, PACKAGE -> {
        if (!frozen || !builtIn.frozen(module.name(), facts.minor())) {
          compiled.read(location.get(), reason);
        }
        if (known.isLazy(module.name())) {
          start.reads(file, reason);
          LazyTable.ofStub(source(module), facts)
              .forEach((name, part) ->
                  module.scope().put(name, new Value.Lazy(module.name() + "." + part)));
          module.scope().put("__getattr__", new Value.Nothing());
          yield new Statements(
              module,
              statements(module).stream().filter(Statement.From.class::isInstance).toList());
        }
        var statements = new ArrayList<>(statements(module));
        statements.addAll(known.follow(module, start, reason.certainty()));
        yield new Statements(module, statements);
      }
    };
  }

  /** An import has failed half-way. */
  void forget(Module module) {
    loaded.remove(module.name(), module);
  }

  /** Takes in what an import of a module would read, again and for a surer reason. */
  void assure(Module module, Certainty certainty, String text) {
    module.location().ifPresent(location -> compiled.read(location, new Reason(certainty, text)));
  }
}
