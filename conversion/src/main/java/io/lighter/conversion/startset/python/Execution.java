package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.python.Statement.Assign;
import io.lighter.conversion.startset.python.Statement.Name;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Goes through the statements of a program in the order in which Python runs them, as far as they
 * import something: modules where they are imported, functions where they are called. Where it
 * cannot know which way the program takes it takes all.
 */
final class Execution {

  /** Name of the module that is the program. */
  static final String MAIN = "__main__";

  /** A function that imports what it is told is followed for so many. */
  private static final int MAX_CALLS = 50;

  private static final String ALL = "__all__";

  private final Start start;
  private final ImportedModules modules;
  private final Calls calls;
  private final WorkStack work;
  private final Map<Called, Set<List<Value>>> called = new HashMap<>();

  /** A function that was called. */
  private record Called(Module module, int begin) {}

  Execution(Start start, ImportedModules modules) {
    this.start = start;
    this.modules = modules;
    this.calls = new Calls(start, modules);
    this.work = new WorkStack(start, modules);
  }

  /** Imports a module, with all that this leads to; nothing if there is none. */
  void importModule(String name, String by, Certainty certainty) {
    work.push(loads(name, by, certainty, false));
    run();
  }

  /** Runs the statements of a module. */
  void execute(Module module, List<Statement> statements, Certainty certainty) {
    work.push(new Work.Block(Frame.of(module, certainty), statements));
    run();
  }

  /** Calls a function of a module that is imported; nothing if it has none. */
  void call(Module module, String function, Certainty certainty) {
    Frame frame = Frame.of(module, certainty);
    work.push(calls.work(new Statement.Use(function, true, List.of(), 0), frame));
    run();
  }

  private void run() {
    while (!work.isEmpty()) {
      start.checkpoint();
      if (work.peek() instanceof Work.Block block && block.hasNext()) {
        statement(block.next(), block.frame());
      } else {
        step(work.pop());
      }
    }
  }

  private void step(Work done) {
    switch (done) {
      case Work.EndOfTry end -> {
        work.push(new Work.Block(end.frame(), end.attempt().last()));
        work.push(new Work.Block(end.frame(), end.attempt().otherwise()));
      }
      case Work.Load load -> load(load);
      case Work.Call call -> enter(call);
      case Work.Then then -> then.step().run();
      case Work.Block _, Work.EndOfGuess _, Work.EndOfFunction _, Work.EndOfModule _ -> {
        // Nothing happens there.
      }
    }
  }

  private void statement(Statement statement, Frame frame) {
    switch (statement) {
      case Statement.Import all -> importAll(all, frame);
      case Statement.From from -> importFrom(from, frame);
      case Statement.Choice choice -> choose(choice, frame);
      case Statement.Try attempt -> {
        work.push(new Work.EndOfTry(frame, attempt));
        work.push(new Work.Block(frame, attempt.body()));
      }
      case Statement.Perhaps perhaps -> guess(perhaps.body(), frame);
      case Statement.Function function ->
          frame
              .names()
              .put(
                  function.name(),
                  new Value.OfFunction(
                      frame.module(), function, frame.owner(), new Value.Nothing()));
      case Statement.ClassDefinition definition -> {
        var type = new Value.OfClass(frame.module(), definition, new HashMap<>());
        frame.names().put(definition.name(), type);
        work.push(new Work.Block(frame.in(type), definition.body()));
      }
      case Statement.Uses uses -> {
        var steps = new ArrayList<Work>();
        uses.uses().forEach(use -> steps.addAll(calls.work(use, frame)));
        work.push(steps);
      }
      case Statement.Assign assign -> assign(assign, frame);
      case Statement.Exports all ->
          frame.names().put(ALL, new Value.OfNames(Set.copyOf(all.names())));
      case Statement.Raise raise -> {
        if (!raise.importError() || !work.fail()) {
          work.leave();
        }
      }
      case Statement.Return _ -> work.leave();
    }
  }

  private void choose(Statement.Choice choice, Frame frame) {
    var open = new ArrayList<List<Statement>>();
    var names = new Names(frame);
    for (Statement.Arm arm : choice.arms()) {
      Truth truth = arm.test().decide(names);
      if (truth == Truth.TRUE && open.isEmpty()) {
        work.push(new Work.Block(frame, arm.body()));
        return;
      }
      if (truth != Truth.FALSE) {
        open.add(arm.body());
      }
      if (truth == Truth.TRUE) {
        break;
      }
    }
    open.reversed().forEach(body -> guess(body, frame));
  }

  private void guess(List<Statement> body, Frame frame) {
    work.push(new Work.EndOfGuess());
    work.push(new Work.Block(frame.guessing(), body));
  }

  private void assign(Assign assign, Frame frame) {
    var names = new Names(frame);
    Value value = names.resolve(assign.source());
    if (assign.called()) {
      value =
          value instanceof Value.OfClass type
              ? new Value.OfInstance(type, false)
              : new Value.Nothing();
    }
    if (value instanceof Value.Nothing) {
      Truth truth = assign.test().decide(names);
      value = truth == Truth.UNKNOWN ? value : new Value.OfTruth(truth == Truth.TRUE);
    }
    boolean weak = value instanceof Value.OfTruth || value instanceof Value.None;
    if (frame.guess() && weak) {
      value = new Value.Nothing();
    }
    String target = assign.target();
    int dot = target.lastIndexOf('.');
    if (dot < 0) {
      frame.names().put(target, value);
    } else if (!weak
        && !(value instanceof Value.Nothing)
        && names.resolve(target.substring(0, dot)) instanceof Value.OfInstance object) {
      object.type().members().putIfAbsent(target.substring(dot + 1), value);
    }
  }

  private void importAll(Statement.Import all, Frame frame) {
    var steps = new ArrayList<Work>();
    for (Name name : all.modules()) {
      steps.addAll(loads(name.name(), frame.module().name(), frame.certainty(), true));
      int dot = name.name().indexOf('.');
      boolean whole = dot < 0 || !name.alias().isEmpty();
      String module = whole ? name.name() : name.name().substring(0, dot);
      String bound = name.alias().isEmpty() ? module : name.alias();
      steps.add(new Work.Then(() -> frame.names().put(bound, modules.value(module))));
    }
    work.push(steps);
  }

  private void importFrom(Statement.From from, Frame frame) {
    String base = modules.absolute(frame.module(), from.level(), from.module());
    var steps = new ArrayList<>(loads(base, frame.module().name(), frame.certainty(), true));
    steps.add(new Work.Then(() -> work.push(bindings(base, from.names(), frame))));
    work.push(steps);
  }

  private List<Work> bindings(String base, List<Name> wanted, Frame frame) {
    var steps = new ArrayList<Work>();
    for (Name name : wanted) {
      start.checkpoint();
      if (name.name().equals("*")) {
        modules.loaded(base).ifPresent(module -> everything(module, frame));
        continue;
      }
      String bound = name.alias().isEmpty() ? name.name() : name.alias();
      Value value = modules.attribute(base, name.name());
      String lazy = value instanceof Value.Lazy there ? there.module() : base + "." + name.name();
      boolean unknown = value instanceof Value.Nothing && !modules.has(base, name.name());
      if (value instanceof Value.Lazy || unknown) {
        steps.addAll(loads(lazy, frame.module().name(), frame.certainty(), false));
        steps.add(
            new Work.Then(() -> frame.names().put(bound, modules.attribute(base, name.name()))));
      } else {
        frame.names().put(bound, value);
      }
    }
    return steps;
  }

  /** What {@code import *} brings: what the module lists, or all that is not private. */
  private void everything(Module module, Frame frame) {
    module
        .scope()
        .forEach((name, value) -> {
          start.checkpoint();
          boolean listed =
              module.scope().get(ALL) instanceof Value.OfNames all
                  ? all.names().contains(name)
                  : !name.startsWith("_") && !(value instanceof Value.OfModule);
          if (listed) {
            frame.names().put(name, value);
          }
        });
  }

  private List<Work> loads(String name, String by, Certainty certainty, boolean required) {
    var steps = new ArrayList<Work>();
    if (name.length() > ModuleFinder.MAX_NAME) {
      return steps;
    }
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      steps.add(new Work.Load(name.substring(0, dot), by, certainty, required));
    }
    if (!name.isEmpty()) {
      steps.add(new Work.Load(name, by, certainty, required));
    }
    return steps;
  }

  private void load(Work.Load load) {
    switch (modules.load(load)) {
      case ImportedModules.Missing _ -> {
        if (load.required() && !work.fail()) {
          start.unresolved(
              load.module(), "no such module is in the image; imported by " + load.by());
        }
      }
      case ImportedModules.Done _ -> {
        // It is imported already, or has no statements.
      }
      case ImportedModules.Statements module -> {
        work.push(new Work.EndOfModule(module.module()));
        work.push(new Work.Block(Frame.of(module.module(), load.certainty()), module.statements()));
      }
      case ImportedModules.Imports imports -> {
        var steps = new ArrayList<Work>();
        imports
            .names()
            .forEach(name ->
                steps.addAll(
                    loads(
                        name,
                        load.module(),
                        Frame.weaker(load.certainty(), Certainty.LIKELY),
                        false)));
        work.push(steps);
      }
    }
  }

  private void enter(Work.Call call) {
    Value.OfFunction function = call.function();
    var position = new Called(function.module(), function.function().begin());
    Set<List<Value>> earlier = called.computeIfAbsent(position, _ -> new HashSet<>());
    List<Value> texts = call.arguments().stream().filter(Value.OfText.class::isInstance).toList();
    if (earlier.size() < MAX_CALLS && earlier.add(texts)) {
      work.push(new Work.EndOfFunction());
      work.push(
          new Work.Block(call.frame().calling(function, call.arguments()), modules.body(function)));
    }
  }
}
