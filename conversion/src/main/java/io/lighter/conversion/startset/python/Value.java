package io.lighter.conversion.startset.python;

import java.util.Map;
import java.util.Set;

/** What a name stands for while a program runs, as far as that is followed. */
sealed interface Value {

  /** A module. */
  record OfModule(Module module) implements Value {}

  /**
   * A function.
   *
   * @param module where its source is
   * @param owner the class that it belongs to, or {@link Nothing}
   */
  record OfFunction(Module module, Statement.Function function, Value owner) implements Value {}

  /** A class. Two are equal if they are the same. */
  final class OfClass implements Value {
    private final Module module;
    private final Statement.ClassDefinition definition;
    private final Map<String, Value> members;

    OfClass(Module module, Statement.ClassDefinition definition, Map<String, Value> members) {
      this.module = module;
      this.definition = definition;
      this.members = members;
    }

    Module module() {
      return module;
    }

    Statement.ClassDefinition definition() {
      return definition;
    }

    Map<String, Value> members() {
      return members;
    }
  }

  /**
   * An object.
   *
   * @param parent whether its class's own members are passed over, as {@code super()} does
   */
  record OfInstance(OfClass type, boolean parent) implements Value {}

  /** A text. */
  record OfText(String text) implements Value {}

  /** Names that a module gives to those who import everything. */
  record OfNames(Set<String> names) implements Value {}

  /** Something of which only the truth is known. */
  record OfTruth(boolean truth) implements Value {}

  /**
   * What a module brings in when somebody asks for it.
   *
   * @param module the module that is imported then
   */
  record Lazy(String module) implements Value {}

  /** {@code None}. */
  record None() implements Value {}

  /** Nothing is known of it. */
  record Nothing() implements Value {}
}
