package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Certainty;
import io.lighter.conversion.startset.trace.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Finds what Perl sources load.
 *
 * @param directories {@code @INC}
 */
record PerlSource(List<ImageFile> directories) implements SourceGraph.Language {

  @Override
  public void read(ImageFile file, String text, Reason reason, SourceGraph graph) {
    boolean documentation = false;
    int routine = -1;
    for (String line : text.split("\n", -1)) {
      graph.start().checkpoint();
      if (line.startsWith("__END__") || line.startsWith("__DATA__")) {
        return;
      }
      boolean command =
          line.length() > 1 && line.charAt(0) == '=' && Character.isLetter(line.charAt(1));
      documentation = line.startsWith("=cut") ? false : documentation || command;
      int begin = Literals.skipBlanks(line, 0);
      String rest = line.substring(begin);
      if (documentation || command || rest.startsWith("#")) {
        continue;
      }
      if (routine < 0 && rest.startsWith("sub ") && !rest.contains("}")) {
        routine = begin;
      } else if (rest.startsWith("}") && begin <= routine) {
        routine = -1;
      }
      for (String statement : rest.split(";", 16)) {
        statement(file, statement.strip(), routine >= 0, reason, graph);
      }
    }
  }

  private void statement(
      ImageFile file, String statement, boolean inRoutine, Reason reason, SourceGraph graph) {
    boolean uses = statement.startsWith("use ");
    boolean requires = statement.startsWith("require ");
    boolean loads = statement.contains("XSLoader::load") || statement.startsWith("bootstrap ");
    if (loads) {
      object(file, reason, graph);
    }
    if (!uses && !requires) {
      return;
    }
    // What is used is loaded when the source is, wherever it stands.
    boolean far = requires && inRoutine;
    if (far && reason.certainty() == Certainty.POSSIBLE) {
      return;
    }
    var because =
        new Reason(far ? Certainty.POSSIBLE : reason.certainty(), "loaded by " + file.path());
    String name = word(statement, Literals.skipBlanks(statement, uses ? 4 : 8));
    if (name.equals("lib")) {
      return;
    }
    module(name).ifPresent(found -> graph.add(found, because));
    if (name.equals("parent") || name.equals("base")) {
      for (String parent : statement.replace("qw", " ").split("[ ()\\[\\]'\",/]+", -1)) {
        graph.start().checkpoint();
        module(parent).ifPresent(found -> graph.add(found, because));
      }
    }
    if (requires) {
      Literals.at(statement, Literals.skipBlanks(statement, 8))
          .flatMap(path -> find(path))
          .ifPresent(found -> graph.add(found, because));
    }
  }

  private static String word(String text, int begin) {
    int end = begin;
    while (end < text.length()
        && (Character.isLetterOrDigit(text.charAt(end))
            || text.charAt(end) == '_'
            || text.charAt(end) == ':')) {
      end++;
    }
    return text.substring(begin, end);
  }

  private Optional<ImageFile> module(String name) {
    boolean named = !name.isEmpty() && Character.isLetter(name.charAt(0));
    return named ? find(name.replace("::", "/") + ".pm") : Optional.empty();
  }

  private Optional<ImageFile> find(String path) {
    for (ImageFile directory : directories) {
      Optional<ImageFile> file = below(directory, path);
      if (file.isPresent()) {
        return file;
      }
    }
    return Optional.empty();
  }

  /** Along real directories, and links only in its last step: modules are installed so. */
  private static Optional<ImageFile> below(ImageFile directory, String path) {
    ImageFile at = directory;
    for (String name : path.split("/", -1)) {
      at = at == null ? null : at.children().get(name);
    }
    return Optional.ofNullable(at).filter(ImageFile::isRegular);
  }

  /** The shared object of a module: auto/A/B/B.so for A/B.pm. */
  private void object(ImageFile file, Reason reason, SourceGraph graph) {
    for (ImageFile directory : directories) {
      String root = directory.path() + "/";
      if (file.path().startsWith(root) && file.name().endsWith(".pm")) {
        String module = file.path().substring(root.length(), file.path().length() - ".pm".length());
        String name = module.substring(module.lastIndexOf('/') + 1);
        find("auto/" + module + "/" + name + ".so").ifPresent(found -> graph.add(found, reason));
        return;
      }
    }
  }
}
