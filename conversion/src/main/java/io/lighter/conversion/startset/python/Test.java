package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Truth;
import java.util.List;

/** A condition, as far as it can be decided without running the program. */
sealed interface Test {

  /** What names in tests stand for. */
  interface Names {
    /** Whether the value of a name is true. */
    Truth truth(String chain);

    /** Whether the value of a name is {@code None}. */
    Truth isNone(String chain);

    /** Whether this is the module that was started as a program. */
    boolean isMain();
  }

  Truth decide(Names names);

  /** What does not depend on names. */
  record Constant(Truth truth) implements Test {
    @Override
    public Truth decide(Names names) {
      return truth;
    }
  }

  /** {@code name}. */
  record Reference(String chain) implements Test {
    @Override
    public Truth decide(Names names) {
      return names.truth(chain);
    }
  }

  /** {@code name is None}. */
  record IsNone(String chain) implements Test {
    @Override
    public Truth decide(Names names) {
      return names.isNone(chain);
    }
  }

  /** {@code __name__ == "__main__"}. */
  record IsMain() implements Test {
    @Override
    public Truth decide(Names names) {
      return Truth.of(names.isMain());
    }
  }

  /** {@code not test}. */
  record Not(Test test) implements Test {
    @Override
    public Truth decide(Names names) {
      return test.decide(names).negated();
    }
  }

  /** {@code a and b}, or with another deciding value {@code a or b}. */
  record Joined(List<Test> tests, Truth deciding) implements Test {
    @Override
    public Truth decide(Names names) {
      Truth result = deciding.negated();
      for (Test test : tests) {
        Truth truth = test.decide(names);
        if (truth == deciding) {
          return deciding;
        }
        result = truth == Truth.UNKNOWN ? Truth.UNKNOWN : result;
      }
      return result;
    }
  }

  /** Nothing is known of it. */
  static Test unknown() {
    return new Constant(Truth.UNKNOWN);
  }

  /** It is known. */
  static Test known(boolean value) {
    return new Constant(Truth.of(value));
  }
}
