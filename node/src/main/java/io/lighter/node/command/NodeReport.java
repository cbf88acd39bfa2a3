package io.lighter.node.command;

import java.util.List;
import java.util.Locale;

/**
 * How a node stands, as the commands print it and as the readiness probe reads it.
 *
 * @param state how far it is
 * @param runtime what was set up; empty if nothing was understood
 * @param lazy whether images are read lazily
 * @param changed what this run changed
 * @param leftAlone what was not undone, and why
 * @param restarts services that have not seen the new files yet
 * @param notes what else an operator should know
 */
public record NodeReport(
    State state,
    String runtime,
    boolean lazy,
    List<String> changed,
    List<String> leftAlone,
    List<String> restarts,
    List<String> notes) {

  /** How far a node is. */
  public enum State {
    /** Everything is written, and whoever reads it only at its start has started anew. */
    DONE,
    /** Everything is written, but restarts were not allowed. */
    RESTART_PENDING,
    /** Something on the node is not understood; nothing was changed. */
    REFUSED,
    /** A service did not come up again; what was there before is back. */
    FAILED,
    /** Nothing of Lighter is left on the node. */
    REMOVED,
    /** Files stay that running containers or somebody's edits depend on. */
    PARTLY_REMOVED
  }

  public NodeReport {
    changed = List.copyOf(changed);
    leftAlone = List.copyOf(leftAlone);
    restarts = List.copyOf(restarts);
    notes = List.copyOf(notes);
  }

  static NodeReport of(State state, String note) {
    return new NodeReport(state, "", false, List.of(), List.of(), List.of(), List.of(note));
  }

  /** What the process answers. */
  int exitCode() {
    return switch (state) {
      case DONE, REMOVED -> 0;
      case FAILED -> 1;
      case REFUSED -> 3;
      case RESTART_PENDING, PARTLY_REMOVED -> 4;
    };
  }

  /** For people. */
  String text() {
    var text = new StringBuilder(state.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (!runtime.isEmpty()) {
      text.append(": ").append(runtime).append(lazy ? ", lazy" : ", not lazy");
    }
    text.append('\n');
    changed.forEach(path -> text.append("  changed ").append(path).append('\n'));
    leftAlone.forEach(path -> text.append("  left alone: ").append(path).append('\n'));
    restarts.forEach(unit -> text.append("  has to restart: ").append(unit).append('\n'));
    notes.forEach(note -> text.append("  ").append(note).append('\n'));
    return text.toString();
  }
}
