package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Certainty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where statements run.
 *
 * @param module whose code it is
 * @param names what is assigned here: of the module, a class or a call
 * @param owner the class of the method, or whose body it is; or {@link Value.Nothing}
 * @param certainty how sure it is that they run
 * @param called whether it is a function that runs, not a module
 * @param guess whether they may not run
 */
record Frame(
    Module module,
    Map<String, Value> names,
    Value owner,
    Certainty certainty,
    boolean called,
    boolean guess) {

  static Frame of(Module module, Certainty certainty) {
    return new Frame(module, module.scope(), new Value.Nothing(), certainty, false, false);
  }

  /** A block of it that may not run. */
  Frame guessing() {
    Certainty lower = called ? Certainty.POSSIBLE : Certainty.LIKELY;
    return new Frame(module, names, owner, weaker(certainty, lower), called, true);
  }

  /** The body of a class that is defined here. */
  Frame in(Value.OfClass type) {
    return new Frame(module, type.members(), type, certainty, called, guess);
  }

  /** A function that is called here. */
  Frame calling(Value.OfFunction function, List<Value> arguments) {
    Map<String, Value> locals = new HashMap<>();
    List<String> parameters = function.function().parameters();
    int own = 0;
    if (function.owner() instanceof Value.OfClass type
        && !parameters.isEmpty()
        && function.function().binding() != Statement.Binding.STATIC) {
      String self = parameters.getFirst();
      locals.put(self, self.equals("cls") ? type : new Value.OfInstance(type, false));
      own = 1;
    }
    for (int i = 0; i < arguments.size() && i + own < parameters.size(); i++) {
      locals.put(parameters.get(i + own), arguments.get(i));
    }
    return new Frame(
        function.module(),
        locals,
        function.owner(),
        weaker(certainty, Certainty.LIKELY),
        true,
        false);
  }

  static Certainty weaker(Certainty a, Certainty b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
