package io.lighter.conversion.startset.python;

import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What is left to do of a program, innermost on top, and the ways to leave some of it out. */
final class WorkStack {

  private final Start start;
  private final ImportedModules modules;
  private final Deque<Work> work = new ArrayDeque<>();

  WorkStack(Start start, ImportedModules modules) {
    this.start = start;
    this.modules = modules;
  }

  boolean isEmpty() {
    return work.isEmpty();
  }

  Work peek() {
    return work.getFirst();
  }

  Work pop() {
    return work.pop();
  }

  void push(Work step) {
    work.push(step);
  }

  /** Puts steps on top, the first uppermost. */
  void push(List<Work> steps) {
    steps.reversed().forEach(work::push);
  }

  /**
   * An import has failed: what is left out ends where that is caught.
   *
   * @return false if nobody catches it, and all stays as it is
   */
  boolean fail() {
    for (Work ahead : work) {
      start.checkpoint();
      if (catches(ahead)) {
        unwind();
        return true;
      }
    }
    return false;
  }

  private static boolean catches(Work ahead) {
    return switch (ahead) {
      case Work.EndOfGuess _ -> true;
      case Work.EndOfTry end -> end.attempt().catchesImports();
      case Work.Block _,
          Work.EndOfFunction _,
          Work.EndOfModule _,
          Work.Load _,
          Work.Call _,
          Work.Then _ ->
          false;
    };
  }

  private void unwind() {
    while (true) {
      Work left = work.pop();
      if (left instanceof Work.EndOfModule end) {
        modules.forget(end.module());
      }
      if (catches(left)) {
        if (left instanceof Work.EndOfTry end) {
          work.push(new Work.Block(end.frame(), end.attempt().last()));
          work.push(new Work.Block(end.frame(), end.attempt().handlers()));
        }
        return;
      }
    }
  }

  /** The rest of the function, or of what may not run, does not run. */
  void leave() {
    int depth = 0;
    for (Work ahead : work) {
      start.checkpoint();
      depth++;
      if (ahead instanceof Work.EndOfModule) {
        return;
      }
      if (ahead instanceof Work.EndOfFunction || ahead instanceof Work.EndOfGuess) {
        for (int i = 0; i < depth; i++) {
          work.pop();
        }
        return;
      }
    }
  }
}
