package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an analysis has found so far, whichever program led to it. */
final class Findings {

  private static final int MAX_UNRESOLVED = 1_000;

  private final Map<ImageFile, Reason> files = new LinkedHashMap<>();
  private final Set<Unresolved> unresolved = new LinkedHashSet<>();
  private final Set<ImageFile> loaded = new HashSet<>();
  private final Set<List<String>> executed = new HashSet<>();

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

  boolean loadsFirst(ImageFile object) {
    return loaded.add(object);
  }

  boolean executesFirst(List<String> command) {
    return executed.add(command);
  }

  List<StartupFile> files() {
    return files.entrySet().stream().map(e -> new StartupFile(e.getKey(), e.getValue())).toList();
  }

  List<Unresolved> unresolved() {
    return List.copyOf(unresolved);
  }
}
