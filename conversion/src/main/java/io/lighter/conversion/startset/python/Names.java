package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What the names of a frame stand for. */
final class Names implements Test.Names {

  private static final int MAX_BASES = 50;
  private static final String CALL = "()";
  private static final Value NOTHING = new Value.Nothing();

  private final Frame frame;

  Names(Frame frame) {
    this.frame = frame;
  }

  /** What a name with attributes stands for. */
  Value resolve(String chain) {
    int dot = end(chain, 0);
    Value value = first(chain.substring(0, dot));
    while (dot < chain.length() && !(value instanceof Value.Nothing)) {
      int end = end(chain, dot + 1);
      value = attribute(value, chain.substring(dot + 1, end));
      dot = end;
    }
    return value;
  }

  private static int end(String chain, int from) {
    int dot = chain.indexOf('.', from);
    return dot < 0 ? chain.length() : dot;
  }

  private Value first(String name) {
    if (name.equals("super" + CALL)) {
      return frame.owner() instanceof Value.OfClass type
          ? new Value.OfInstance(type, true)
          : NOTHING;
    }
    if (name.endsWith(CALL)) {
      return result(first(name.substring(0, name.length() - 2)));
    }
    Value local = frame.names().get(name);
    if (local == null) {
      local = frame.module().scope().get(name);
    }
    if (local == null && name.equals("None")) {
      return new Value.None();
    }
    return local == null ? NOTHING : local;
  }

  /** An attribute of a value. */
  Value attribute(Value value, String name) {
    if (name.endsWith(CALL)) {
      return result(attribute(value, name.substring(0, name.length() - 2)));
    }
    return switch (value) {
      case Value.OfModule module -> module.module().scope().getOrDefault(name, NOTHING);
      case Value.OfClass type -> member(type, name, false).orElse(NOTHING);
      case Value.OfInstance instance -> {
        Value found = member(instance.type(), name, instance.parent()).orElse(NOTHING);
        Value self = instance.parent() ? frame.self() : instance;
        yield found instanceof Value.OfFunction method ? method.of(self) : found;
      }
      case Value.OfFunction _,
          Value.OfText _,
          Value.OfNames _,
          Value.OfTruth _,
          Value.None _,
          Value.Lazy _,
          Value.Nothing _ ->
          NOTHING;
    };
  }

  private static Value result(Value called) {
    return called instanceof Value.OfClass type ? new Value.OfInstance(type, false) : NOTHING;
  }

  /** A member of a class or of those that it extends. */
  static Optional<Value> member(Value.OfClass type, String name, boolean parentsOnly) {
    Deque<Value.OfClass> ahead = new ArrayDeque<>();
    Set<Value.OfClass> seen = new HashSet<>();
    ahead.add(type);
    while (!ahead.isEmpty() && seen.size() < MAX_BASES) {
      Value.OfClass at = ahead.poll();
      if (!seen.add(at)) {
        continue;
      }
      Value found = parentsOnly && at == type ? null : at.members().get(name);
      if (found != null) {
        return Optional.of(found);
      }
      var names =
          new Names(Frame.of(at.module(), io.lighter.conversion.startset.trace.Certainty.LIKELY));
      for (String base : at.definition().bases()) {
        if (names.resolve(base) instanceof Value.OfClass parent) {
          ahead.add(parent);
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public Truth truth(String chain) {
    return switch (resolve(chain)) {
      case Value.OfTruth known -> Truth.of(known.truth());
      case Value.OfText text -> Truth.of(!text.text().isEmpty());
      case Value.None _ -> Truth.FALSE;
      case Value.OfModule _, Value.OfFunction _, Value.OfClass _ -> Truth.TRUE;
      case Value.OfInstance _, Value.OfNames _, Value.Lazy _, Value.Nothing _ -> Truth.UNKNOWN;
    };
  }

  @Override
  public Truth isNone(String chain) {
    return switch (resolve(chain)) {
      case Value.None _ -> Truth.TRUE;
      case Value.Nothing _ -> Truth.UNKNOWN;
      case Value.OfTruth _,
          Value.OfText _,
          Value.OfNames _,
          Value.OfModule _,
          Value.OfFunction _,
          Value.OfClass _,
          Value.OfInstance _,
          Value.Lazy _ ->
          Truth.FALSE;
    };
  }

  @Override
  public boolean isMain() {
    return frame.module().name().equals(Execution.MAIN);
  }
}
