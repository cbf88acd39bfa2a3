package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import java.util.List;
import java.util.Optional;

/** Finds what PHP sources include, and what Composer's loader reads beside itself. */
record PhpSource() implements SourceGraph.Language {

  private static final List<String> WORDS =
      List.of("require_once", "require", "include_once", "include");

  /** What autoload_real.php reads, in order. */
  private static final List<String> COMPOSER =
      List.of("platform_check.php", "ClassLoader.php", "autoload_static.php");

  @Override
  public void read(ImageFile file, String text, Reason reason, SourceGraph graph) {
    boolean comment = false;
    boolean lists = false;
    for (String line : text.split("\n", -1)) {
      graph.start().checkpoint();
      String rest = line.strip();
      comment = rest.startsWith("/*") || comment;
      if (!comment && !rest.startsWith("//") && !rest.startsWith("#")) {
        for (String word : WORDS) {
          included(file, rest, word, reason, graph);
        }
        lists = rest.contains("$files = array") || (lists && !rest.startsWith(");"));
        if (lists && file.name().equals("autoload_static.php")) {
          file(file, rest, Math.max(0, rest.indexOf("=>") + 2), graph)
              .ifPresent(found -> graph.add(found, Reason.likely("loaded by Composer at once")));
        }
      }
      comment &= !rest.contains("*/");
    }
    if (file.name().equals("autoload_real.php")) {
      for (String name : COMPOSER) {
        graph
            .start()
            .image()
            .find(file.directory(), name)
            .ifPresent(found -> graph.add(found, Reason.certain("loader of Composer")));
      }
    }
  }

  /** Looks for a word that is a word of its own, followed by a path. */
  private static void included(
      ImageFile file, String line, String word, Reason reason, SourceGraph graph) {
    int at = line.indexOf(word);
    boolean begins =
        at == 0
            || (at > 0
                && !Character.isLetterOrDigit(line.charAt(at - 1))
                && "_$>:'\"".indexOf(line.charAt(at - 1)) < 0);
    int end = at + word.length();
    boolean ends = at >= 0 && end < line.length() && " ('\"".indexOf(line.charAt(end)) >= 0;
    if (begins && ends) {
      boolean nested = at > 0 && line.indexOf("function") >= 0;
      var because =
          new Reason(
              nested ? Certainty.POSSIBLE : reason.certainty(), "included by " + file.path());
      file(file, line, end, graph).ifPresent(found -> graph.add(found, because));
    }
  }

  private static Optional<ImageFile> file(
      ImageFile file, String line, int begin, SourceGraph graph) {
    return path(line, begin)
        .flatMap(path -> graph.start().image().find(file.directory(), path))
        .filter(ImageFile::isRegular);
  }

  /** A path of literals and the source's own directory, with dots between them. */
  private static Optional<String> path(String line, int begin) {
    var path = new StringBuilder();
    boolean own = false;
    int at = begin;
    while (at < line.length() && " \t(.".indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    while (at < line.length()) {
      Optional<String> literal = Literals.at(line, at);
      int levels = line.startsWith("dirname(__DIR__)", at) ? 1 : 0;
      if (literal.isPresent()) {
        path.append(literal.get());
        at += literal.get().length() + 2;
      } else if (levels > 0
          || line.startsWith("__DIR__", at)
          || line.startsWith("dirname(__FILE__)", at)) {
        own = true;
        path.append(levels > 0 ? "/.." : "");
        at += line.startsWith("__DIR__", at) ? 7 : levels > 0 ? 16 : 17;
      } else {
        break;
      }
      while (at < line.length() && " \t.".indexOf(line.charAt(at)) >= 0) {
        at++;
      }
    }
    boolean complete = at >= line.length() || ";),?".indexOf(line.charAt(at)) >= 0;
    String text = path.toString();
    if (!complete || text.isEmpty() || text.contains("$")) {
      return Optional.empty();
    }
    String relative = own ? "." + (text.startsWith("/") ? "" : "/") + text : text;
    return Optional.of(relative);
  }
}
