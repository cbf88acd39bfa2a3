package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds what Ruby sources load. Where a method begins and ends is told by how its lines are
 * indented.
 *
 * @param path where it is looked for
 */
record RubySource(RubyLoadPath path) implements SourceGraph.Language {

  private static final List<String> WORDS =
      List.of("require_relative", "require", "load", "autoload");

  @Override
  public void read(ImageFile file, String text, Reason reason, SourceGraph graph) {
    int method = -1;
    boolean comment = false;
    for (String line : text.split("\n", -1)) {
      graph.start().checkpoint();
      if (line.startsWith("__END__")) {
        return;
      }
      comment = line.startsWith("=begin") || (comment && !line.startsWith("=end"));
      int begin = Literals.skipBlanks(line, 0);
      String rest = line.substring(begin);
      if (comment || rest.startsWith("#")) {
        continue;
      }
      boolean oneLine = rest.endsWith("end") && rest.length() > "end".length();
      if (method < 0 && rest.startsWith("def ") && !oneLine && !rest.contains(") =")) {
        method = begin;
      } else if (begin <= method && rest.startsWith("end")) {
        method = -1;
      }
      statement(file, rest, method >= 0, reason, graph);
    }
  }

  private void statement(
      ImageFile file, String line, boolean inMethod, Reason reason, SourceGraph graph) {
    int bin = line.indexOf("activate_bin_path(");
    if (bin >= 0 || line.contains("bin_path(")) {
      List<String> names = Literals.from(line, Math.max(0, bin));
      if (names.size() >= 2) {
        program(names.get(0), names.get(1)).ifPresent(found -> graph.add(found, reason));
      }
      return;
    }
    for (String word : WORDS) {
      boolean called =
          line.startsWith(word)
              && line.length() > word.length()
              && " ('\"".indexOf(line.charAt(word.length())) >= 0;
      if (called) {
        boolean conditional = line.contains(" if ") || line.contains(" unless ");
        Certainty certainty = conditional ? Certainty.LIKELY : Certainty.CERTAIN;
        if (inMethod || word.equals("autoload")) {
          certainty = Certainty.POSSIBLE;
        }
        // Only one step away from what is loaded is worth its bytes; RubyGems rarely takes it.
        boolean far = reason.certainty() == Certainty.POSSIBLE || isRubyGems(file);
        if (certainty == Certainty.POSSIBLE && far) {
          return;
        }
        Certainty least =
            certainty.compareTo(reason.certainty()) > 0 ? certainty : reason.certainty();
        var because = new Reason(least, "loaded by " + file.path());
        named(file, word, line).ifPresent(found -> graph.add(found, because));
        return;
      }
    }
  }

  private static boolean isRubyGems(ImageFile file) {
    return file.name().equals("rubygems.rb") || file.path().contains("/rubygems/");
  }

  private Optional<ImageFile> named(ImageFile file, String word, String line) {
    ImageFile own = file.isDirectory() ? file : file.directory();
    int at = Literals.skipBlanks(line, word.length());
    at = at < line.length() && line.charAt(at) == '(' ? Literals.skipBlanks(line, at + 1) : at;
    boolean expands = line.startsWith("File.", at) || line.startsWith("::File.", at);
    if (word.equals("autoload") || expands) {
      List<String> names = Literals.from(line, at);
      if (names.isEmpty()) {
        return Optional.empty();
      }
      String name = names.getLast();
      boolean fromFile = expands && line.contains("__FILE__") && name.startsWith("../");
      return expands
          ? path.in(own, fromFile ? name.substring("../".length()) : name)
          : path.find(name);
    }
    Optional<String> name = Literals.at(line, at).filter(found -> !found.contains("#{"));
    if (name.isEmpty() || name.get().isEmpty()) {
      return Optional.empty();
    }
    boolean relative = word.equals("require_relative") || name.get().startsWith("./");
    return relative ? path.in(own, name.get()) : path.find(name.get());
  }

  /** The program of a gem that the stubs of RubyGems start. */
  private Optional<ImageFile> program(String gem, String name) {
    return path.gem(gem).stream()
        .flatMap(at ->
            List.of("exe", "bin").stream()
                .map(folder -> at.children().get(folder))
                .filter(Objects::nonNull)
                .map(folder -> folder.children().get(name))
                .filter(Objects::nonNull))
        .findFirst();
  }
}
