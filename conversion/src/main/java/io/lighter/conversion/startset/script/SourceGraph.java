package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Sources that load each other, each taken in once: what is sure first, depth first, then what is
 * less so. Belongs to one thread.
 */
final class SourceGraph {

  /** Longer sources are data. */
  private static final int MAX_SOURCE = 1 << 20;

  private static final int MAX_WAITING = 500_000;

  /** Knows a language. */
  interface Language {
    /**
     * Adds to the graph what a source loads.
     *
     * @param text each byte a character
     */
    void read(ImageFile file, String text, Reason reason, SourceGraph graph);
  }

  private record Waiting(ImageFile file, Reason reason) {}

  private final Start start;
  private final Language language;
  private final Map<Certainty, Deque<Waiting>> waiting = new EnumMap<>(Certainty.class);
  private final Set<ImageFile> visited = new HashSet<>();
  private final Deque<Waiting> found = new ArrayDeque<>();
  private int count;

  SourceGraph(Start start, Language language) {
    this.start = start;
    this.language = language;
  }

  Start start() {
    return start;
  }

  /** Has a source taken in, in its turn. A shared object is loaded with what it needs. */
  void add(ImageFile file, Reason reason) {
    start.checkpoint();
    if (!visited.contains(file) && count++ < MAX_WAITING) {
      found.push(new Waiting(file, reason));
    }
  }

  /** Has what the text of a command line loads taken in. */
  void addText(ImageFile directory, String text) {
    language.read(directory, text, Reason.certain("the command line"), this);
    run();
  }

  /** Takes in all that was added, and what that loads. */
  void run() {
    sort();
    for (Certainty certainty : Certainty.values()) {
      Deque<Waiting> stack = stack(certainty);
      while (!stack.isEmpty()) {
        start.checkpoint();
        visit(stack.pop());
      }
    }
  }

  private Deque<Waiting> stack(Certainty certainty) {
    return waiting.computeIfAbsent(certainty, _ -> new ArrayDeque<>());
  }

  /** The last one found goes on its stack first, so that the first one is taken first. */
  private void sort() {
    while (!found.isEmpty()) {
      Waiting next = found.pop();
      stack(next.reason.certainty()).push(next);
    }
  }

  private void visit(Waiting next) {
    if (!next.file.isRegular() || !visited.add(next.file)) {
      return;
    }
    if (next.file.name().endsWith(".so")) {
      start.loads(next.file, next.reason);
      return;
    }
    start.reads(next.file, next.reason);
    language.read(next.file, start.text(next.file, MAX_SOURCE), next.reason, this);
    sort();
  }
}
