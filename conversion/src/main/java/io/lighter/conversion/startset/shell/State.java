package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Truth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All that commands change in a shell. Subshells and branches that may not be taken get copies. */
final class State {

  final Variables variables;
  final Map<String, Command> functions;
  List<String> positional;
  String directory;
  Input input;
  Output output = new Output();

  /** How the latest command ended. */
  Truth status = Truth.TRUE;

  /** How sure it is that it comes to this. */
  Certainty certainty = Certainty.CERTAIN;

  /** The file whose commands these are, as it was named. */
  String source = "";

  /** Variables to be put back when the function ends. */
  List<Variables.Kept> locals = new ArrayList<>();

  /** What commands wrote, wherever they ran: a file is there for all. */
  final Changes changes;

  State(Variables variables, List<String> positional, String directory, Input input) {
    this(variables, new HashMap<>(), positional, directory, input, new Changes());
  }

  private State(
      Variables variables,
      Map<String, Command> functions,
      List<String> positional,
      String directory,
      Input input,
      Changes changes) {
    this.variables = variables;
    this.functions = functions;
    this.positional = List.copyOf(positional);
    this.directory = directory;
    this.input = input;
    this.changes = changes;
  }

  /** A state of its own that shares input and output. */
  State copy() {
    var copy =
        new State(
            variables.copy(), new HashMap<>(functions), positional, directory, input, changes);
    copy.output = output;
    copy.status = status;
    copy.certainty = certainty;
    copy.source = source;
    copy.locals = locals;
    return copy;
  }

  /** A copy for what may not be run: less sure, its output apart. */
  State fork(Certainty at) {
    State fork = copy();
    fork.output = new Output();
    fork.certainty = certainty.orLess(at);
    return fork;
  }

  /** One step less sure than this. */
  Certainty unsure() {
    return certainty == Certainty.CERTAIN ? Certainty.LIKELY : Certainty.POSSIBLE;
  }

  /** Takes everything of another but its input, output and certainty. */
  void become(State other) {
    variables.become(other.variables);
    Map<String, Command> theirs = Map.copyOf(other.functions);
    functions.clear();
    functions.putAll(theirs);
    positional = other.positional;
    directory = other.directory;
    status = other.status;
    source = other.source;
  }

  /** Keeps what is the same in another. */
  void merge(State other) {
    variables.merge(other.variables);
    other.functions.forEach(functions::putIfAbsent);
    positional = merged(positional, other.positional);
    status = status == other.status ? status : Truth.UNKNOWN;
  }

  /** What two lists begin with, and something unknown behind it. */
  private static List<String> merged(List<String> mine, List<String> others) {
    if (mine.equals(others)) {
      return mine;
    }
    var merged = new ArrayList<String>();
    int shorter = Math.min(mine.size(), others.size());
    for (int i = 0; i < shorter && mine.get(i).equals(others.get(i)); i++) {
      merged.add(mine.get(i));
    }
    merged.add(Unknown.TEXT);
    return List.copyOf(merged);
  }

  boolean sameAs(State other) {
    return variables.sameAs(other.variables)
        && positional.equals(other.positional)
        && directory.equals(other.directory);
  }

  /** A path as seen from the working directory. */
  String absolute(String path) {
    return path.startsWith("/")
        ? path
        : directory.equals("/") ? "/" + path : directory + "/" + path;
  }

  void changes(String path) {
    changes.add(absolute(path));
  }

  /** Whether a command may have made, changed or removed what a path leads to. */
  boolean mayHaveChanged(String path) {
    return Unknown.in(path) || changes.has(absolute(path));
  }
}
