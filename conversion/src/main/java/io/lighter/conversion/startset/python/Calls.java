package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.python.Statement.Binding;
import io.lighter.conversion.startset.python.Statement.Use;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What calling a name, or taking an attribute of one, leads to. */
final class Calls {

  private final Start start;
  private final ImportedModules modules;
  private final SharedObjects objects;
  private final LibraryCalls library;

  Calls(Start start, ImportedModules modules) {
    this.start = start;
    this.modules = modules;
    this.objects = new SharedObjects(start);
    this.library = new LibraryCalls(start, modules.finder());
  }

  /** What is to be done for a use of a name. */
  List<Work> work(Use use, Frame frame) {
    var names = new Names(frame);
    var work = new ArrayList<Work>();
    lazy(use.chain(), names, frame, work);
    if (!use.called()) {
      if (names.resolve(use.chain()) instanceof Value.OfFunction function
          && function.function().binding() == Binding.PROPERTY) {
        work.add(new Work.Call(frame, function, List.of()));
      }
      return work;
    }
    Value called = names.resolve(use.chain());
    special(use, called, frame, work);
    List<Value> arguments = arguments(use, names);
    switch (called) {
      case Value.OfFunction function -> work.add(new Work.Call(frame, function, arguments));
      case Value.OfClass type -> member(type, "__init__", frame, arguments, work);
      case Value.OfInstance object -> member(object.type(), "__call__", frame, arguments, work);
      case Value.OfModule _,
          Value.OfText _,
          Value.OfNames _,
          Value.OfTruth _,
          Value.None _,
          Value.Lazy _,
          Value.Nothing _ -> {
        // Nothing is known of what it calls.
      }
    }
    return work;
  }

  private static void member(
      Value.OfClass type, String name, Frame frame, List<Value> arguments, List<Work> work) {
    if (Names.member(type, name, false).orElse(null) instanceof Value.OfFunction function) {
      work.add(new Work.Call(frame, function, arguments));
    }
  }

  /** What is given to a function; of texts only those that name modules. */
  private List<Value> arguments(Use use, Names names) {
    var values = new ArrayList<Value>();
    for (String argument : use.arguments()) {
      if (argument.startsWith("=")) {
        values.add(names.resolve(argument.substring(1)));
      } else if (modules.finder().find(argument).isPresent()) {
        values.add(new Value.OfText(argument));
      } else {
        values.add(new Value.Nothing());
      }
    }
    return values;
  }

  /** Packages can import what is asked of them only when it is asked for. */
  private void lazy(String chain, Names names, Frame frame, List<Work> work) {
    int dot = chain.indexOf('.');
    for (; dot > 0; dot = chain.indexOf('.', dot + 1)) {
      if (!(names.resolve(chain.substring(0, dot)) instanceof Value.OfModule found)) {
        return;
      }
      Module module = found.module();
      int next = chain.indexOf('.', dot + 1);
      String name = chain.substring(dot + 1, next < 0 ? chain.length() : next);
      Value value = module.scope().get(name);
      if (value instanceof Value.Lazy lazy) {
        work.add(load(lazy.module(), frame, false));
      } else if (value == null && module.scope().containsKey("__getattr__")) {
        String inner = module.name() + "." + name;
        if (modules.finder().find(inner).isPresent()) {
          work.add(load(inner, frame, false));
        }
      }
    }
  }

  private static Work load(String module, Frame frame, boolean required) {
    return new Work.Load(module, frame.module().name(), frame.certainty(), required);
  }

  private void special(Use use, Value called, Frame frame, List<Work> work) {
    String chain = use.chain();
    String function = chain.substring(chain.lastIndexOf('.') + 1);
    Optional<String> text = use.arguments().stream().findFirst().flatMap(a -> text(a, frame));
    String from = called instanceof Value.OfFunction known ? known.module().name() : "";
    for (String name : library.follow(function, from, text.orElse(""), frame)) {
      work.add(load(name, frame, false));
    }
    switch (function) {
      case "import_module", "__import__", "_import_module" ->
          text.ifPresent(name -> byName(name, use, true, frame, work));
      case "import_optional_dependency", "import_string", "safe_import", "import_object" ->
          text.ifPresent(name -> byName(name, use, false, frame, work));
      case "extend_path", "declare_namespace" -> extend(frame.module());
      case "CDLL", "PyDLL", "LoadLibrary", "find_library" ->
          text.ifPresent(name -> objects.load(name, frame));
      case "open" -> text.ifPresent(path -> opens(path, frame));
      case "insert", "append" -> {
        if (chain.equals("sys.path.insert") || chain.equals("sys.path.append")) {
          searchPath(use, frame);
        }
      }
      case "setdefault" -> {
        if (chain.endsWith("environ.setdefault") && use.arguments().size() == 2) {
          modules
              .facts()
              .environment()
              .putIfAbsent(use.arguments().getFirst(), use.arguments().getLast());
        }
      }
      case "attach_stub", "attach" -> work.add(new Work.Then(() -> attach(frame.module())));
      default -> {
        // Most names mean nothing here.
      }
    }
  }

  private static Optional<String> text(String argument, Frame frame) {
    if (!argument.startsWith("=")) {
      return Optional.of(argument);
    }
    Value value = new Names(frame).resolve(argument.substring(1));
    return value instanceof Value.OfText known ? Optional.of(known.text()) : Optional.empty();
  }

  private void byName(String name, Use use, boolean required, Frame frame, List<Work> work) {
    String full = name;
    if (name.startsWith(".")) {
      int level = 0;
      while (level < name.length() && name.charAt(level) == '.') {
        level++;
      }
      boolean named = use.arguments().size() > 1 && !use.arguments().get(1).startsWith("=");
      String base = named ? use.arguments().get(1) : "";
      full =
          named
              ? base + "." + name.substring(level)
              : modules.absolute(frame.module(), level, name.substring(level));
    }
    for (int dot = full.indexOf('.'); dot > 0; dot = full.indexOf('.', dot + 1)) {
      work.add(load(full.substring(0, dot), frame, required));
    }
    work.add(load(full, frame, required));
  }

  /** A package that is spread over several directories of the path. */
  private void extend(Module module) {
    var places = new ArrayList<>(module.searched());
    for (ImageFile directory : modules.finder().path()) {
      start
          .image()
          .find(directory, module.name().replace('.', '/'))
          .filter(place -> place.isDirectory() && !places.contains(place))
          .ifPresent(places::add);
    }
    module.search(places);
  }

  private void opens(String path, Frame frame) {
    start
        .file(path)
        .ifPresent(file ->
            start.reads(
                file,
                new Reason(
                    Frame.weaker(frame.certainty(), Certainty.LIKELY),
                    "opened by " + frame.module().name())));
  }

  private void searchPath(Use use, Frame frame) {
    int position = use.chain().endsWith("insert") ? 0 : Integer.MAX_VALUE;
    Optional<String> last =
        use.arguments().isEmpty() ? Optional.empty() : Optional.of(use.arguments().getLast());
    if (last.filter(path -> path.startsWith("/") || path.startsWith(".")).isPresent()) {
      modules.finder().insert(position, last.get());
    } else if (use.ancestors() > 0 && frame.module().location().isPresent()) {
      ImageFile directory = frame.module().location().get().directory();
      for (int i = 1; i < Math.min(use.ancestors(), 20); i++) {
        directory = directory.directory();
      }
      modules.finder().insert(position, directory.path());
    }
  }

  /** A package whose names a table of {@code lazy_loader} holds, in a stub or in its source. */
  private void attach(Module module) {
    module.scope().put("__getattr__", new Value.Nothing());
    module
        .location()
        .flatMap(place -> start.image().find(place.directory(), place.fileName() + "i"))
        .filter(ImageFile::isRegular)
        .ifPresent(stub -> {
          start.reads(stub, Reason.certain("lists what " + module.name() + " imports lazily"));
          LazyTable.ofStub(start.content(stub), modules.facts())
              .forEach((name, part) -> put(module, name, part));
        });
    LazyTable.ofSource(modules.source(module)).forEach((name, part) -> put(module, name, part));
  }

  private static void put(Module module, String name, String part) {
    module.scope().putIfAbsent(name, new Value.Lazy(module.name() + "." + part));
  }
}
