package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an analysis has found so far, whichever program led to it. */
final class Findings {

  private static final int MAX_UNRESOLVED = 1_000;
  private static final int MAX_EXECUTED = 5_000;

  private final Map<ImageFile, Reason> files = new LinkedHashMap<>();
  private final Set<Unresolved> unresolved = new LinkedHashSet<>();
  private final Map<ImageFile, Certainty> loaded = new HashMap<>();
  private final Map<List<String>, Certainty> executed = new HashMap<>();

  /** Whether the file is new; a surer reason takes the place of an earlier one. */
  boolean add(ImageFile file, Reason reason) {
    Reason earlier = files.putIfAbsent(file, reason);
    if (earlier != null && reason.certainty().compareTo(earlier.certainty()) < 0) {
      files.put(file, reason);
    }
    return earlier == null;
  }

  boolean has(ImageFile file) {
    return files.containsKey(file);
  }

  int size() {
    return files.size();
  }

  void unresolved(String what, String why) {
    if (unresolved.size() < MAX_UNRESOLVED) {
      unresolved.add(new Unresolved(what, why));
    }
  }

  /** Whether an object was not loaded before, or less surely. */
  boolean loadsFirst(ImageFile object, Certainty certainty) {
    return first(loaded, object, certainty);
  }

  /** Whether a command was not executed before, or less surely. */
  boolean executesFirst(List<String> command, Certainty certainty) {
    boolean room = executed.size() < MAX_EXECUTED || executed.containsKey(command);
    if (!room) {
      unresolved(
          command.getFirst(), "the start executes more than %d commands".formatted(MAX_EXECUTED));
    }
    return room && first(executed, command, certainty);
  }

  private static <T> boolean first(Map<T, Certainty> known, T what, Certainty certainty) {
    Certainty earlier = known.get(what);
    if (earlier != null && earlier.compareTo(certainty) <= 0) {
      return false;
    }
    known.put(what, certainty);
    return true;
  }

  List<StartupFile> files() {
    return files.entrySet().stream().map(e -> new StartupFile(e.getKey(), e.getValue())).toList();
  }

  List<Unresolved> unresolved() {
    return List.copyOf(unresolved);
  }
}
