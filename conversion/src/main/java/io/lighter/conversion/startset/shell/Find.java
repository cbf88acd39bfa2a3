package io.lighter.conversion.startset.shell;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.PathGlob;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What {@code find} finds in an image, and what it has executed. */
final class Find {

  private static final int MAX_FOUND = 1_000;
  private static final int MAX_EXECUTED = 100;

  private final Interpreter interpreter;
  private final Start start;
  private final State state;
  private final List<String> places = new ArrayList<>();
  private final List<String> executed = new ArrayList<>();
  private String type = "";
  private String name = "*";
  private long least;
  private long most = 100;
  private boolean known = true;
  private boolean together;
  private boolean quits;

  /** Something on the way. */
  private record Place(String path, ImageFile file, int depth) {}

  Find(Interpreter interpreter, Start start, State state) {
    this.interpreter = interpreter;
    this.start = start;
    this.state = state;
  }

  /** The lines that it writes. */
  String run(List<String> arguments) {
    int at = 0;
    while (at < arguments.size() && !isExpression(arguments.get(at))) {
      places.add(arguments.get(at++));
    }
    expression(arguments, at);
    if (places.isEmpty()) {
      places.add(".");
    }
    if (places.stream().anyMatch(state::mayHaveChanged)) {
      known = false;
    }
    List<String> found = found();
    execute(found);
    if (!known) {
      return Unknown.TEXT;
    }
    List<String> lines = quits && !found.isEmpty() ? found.subList(0, 1) : found;
    return executed.isEmpty() && !lines.isEmpty() ? String.join("\n", lines) + "\n" : "";
  }

  private static boolean isExpression(String argument) {
    return argument.startsWith("-") || argument.equals("!") || argument.equals("(");
  }

  private void expression(List<String> arguments, int begin) {
    for (int i = begin; i < arguments.size(); i++) {
      String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
      switch (arguments.get(i)) {
        case "-follow", "-L", "-H", "-P", "-print", "-print0", "-xdev", "-mount", "-depth" -> {}
        case "-quit" -> quits = true;
        case "-type" -> {
          type = next;
          i++;
        }
        case "-name" -> {
          name = next;
          i++;
        }
        case "-mindepth" -> {
          least = Arithmetic.parsed(next).orElse(0L);
          i++;
        }
        case "-maxdepth" -> {
          most = Arithmetic.parsed(next).orElse(most);
          i++;
        }
        case "-exec", "-execdir", "-ok" -> {
          int end = i + 1;
          while (end < arguments.size()
              && !arguments.get(end).equals(";")
              && !arguments.get(end).equals("+")) {
            executed.add(arguments.get(end++));
          }
          together = end < arguments.size() && arguments.get(end).equals("+");
          i = end;
        }
        default -> known = false;
      }
    }
  }

  private List<String> found() {
    var found = new ArrayList<String>();
    Deque<Place> ahead = new ArrayDeque<>();
    for (String place : places) {
      start
          .image()
          .find(state.absolute(place))
          .ifPresent(file -> ahead.add(new Place(place, file, 0)));
    }
    while (!ahead.isEmpty() && found.size() < MAX_FOUND) {
      start.checkpoint();
      Place place = ahead.pop();
      if (place.depth() >= least && isLike(place)) {
        found.add(place.path());
      }
      if (place.depth() < most && place.file().kind() == ImageFile.Kind.DIRECTORY) {
        String begin = place.path().endsWith("/") ? place.path() : place.path() + "/";
        var below = new ArrayList<>(place.file().children().values());
        below
            .reversed()
            .forEach(file -> ahead.push(new Place(begin + file.name(), file, place.depth() + 1)));
      }
    }
    return found;
  }

  private boolean isLike(Place place) {
    Optional<ImageFile> file =
        place.file().kind() == ImageFile.Kind.SYMLINK && !type.equals("l")
            ? start.image().find(place.file().directory(), place.file().name())
            : Optional.of(place.file());
    boolean kind =
        switch (type) {
          case "f" -> file.filter(ImageFile::isRegular).isPresent();
          case "d" -> file.filter(ImageFile::isDirectory).isPresent();
          case "l" -> place.file().kind() == ImageFile.Kind.SYMLINK;
          default -> true;
        };
    return kind && PathGlob.matches(name, Paths.name(place.path()));
  }

  private void execute(List<String> found) {
    if (executed.isEmpty() || found.isEmpty() || Unknown.in(String.join(" ", executed))) {
      return;
    }
    Reason reason = interpreter.reason(state);
    Reason sure = known ? reason : reason.atMost(Certainty.POSSIBLE);
    Start seen = interpreter.seenFrom(state);
    int count = together || !known ? 1 : Math.min(found.size(), MAX_EXECUTED);
    for (String path : found.subList(0, count)) {
      var words = new ArrayList<String>();
      executed.forEach(word -> words.add(word.replace("{}", path)));
      seen.execute(words, sure);
    }
  }
}
