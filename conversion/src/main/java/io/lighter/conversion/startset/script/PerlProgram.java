package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Perl. */
public final class PerlProgram implements ProgramKind {

  /** Debian's {@code @INC} in order; {@code VERSION} stands for each version that is there. */
  private static final List<String> DEBIAN =
      List.of(
          "/etc/perl",
          "/usr/local/lib/TRIPLET/perl/VERSION",
          "/usr/local/share/perl/VERSION",
          "/usr/lib/TRIPLET/perl5/VERSION",
          "/usr/share/perl5",
          "/usr/lib/TRIPLET/perl-base",
          "/usr/lib/TRIPLET/perl/VERSION",
          "/usr/share/perl/VERSION",
          "/usr/local/lib/site_perl");

  /** Where perl's own installation, and Alpine's, have theirs, below the prefix. */
  private static final List<String> OTHERS =
      List.of(
          "/lib/perl5/site_perl/VERSION",
          "/lib/perl5/VERSION",
          "/local/lib/perl5/site_perl",
          "/local/share/perl5/site_perl",
          "/lib/perl5/vendor_perl",
          "/share/perl5/vendor_perl",
          "/lib/perl5/core_perl",
          "/share/perl5/core_perl");

  private static final List<String> TRIPLETS = List.of("x86_64-linux-gnu", "aarch64-linux-gnu");

  /** Directories that are named after versions. */
  private static final List<String> VERSIONED =
      List.of("/usr/share/perl", "/usr/lib/perl5", "/usr/local/lib/perl5");

  @Override
  public boolean runs(Invocation invocation) {
    String name = invocation.program().name();
    return name.startsWith("perl")
        && name.chars().skip(4).allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    var first = new ArrayList<String>();
    var modules = new ArrayList<String>();
    var source = new StringBuilder();
    List<String> arguments = invocation.arguments();
    int i = 0;
    while (i < arguments.size()
        && arguments.get(i).startsWith("-")
        && arguments.get(i).length() > 1) {
      String option = arguments.get(i++);
      if (option.equals("--")) {
        break;
      }
      String value = option.substring(2);
      boolean takes = value.isEmpty() && List.of("-I", "-e", "-E").contains(option);
      value = takes && i < arguments.size() ? arguments.get(i++) : value;
      switch (option.charAt(1)) {
        case 'I' -> first.add(value);
        case 'M', 'm' -> modules.add("use " + value.replace('=', ' ') + ";");
        case 'e', 'E' -> source.append(value).append('\n');
        default -> {
          // Everything else changes nothing about what is read.
        }
      }
    }
    first.addAll(List.of(start.variable("PERL5LIB").orElse("").split(":", -1)));
    var graph = new SourceGraph(start, new PerlSource(directories(first, invocation, start)));
    String text = String.join("\n", modules) + "\n" + source;
    graph.addText(start.directory(), text);
    if (source.isEmpty() && i < arguments.size()) {
      Optional<ImageFile> script = start.file(arguments.get(i));
      script.ifPresent(file -> graph.add(file, Reason.certain("script of the command")));
      graph.run();
      if (script.isEmpty()) {
        start.unresolved(arguments.get(i), "there is no such script");
      }
    }
  }

  private static List<ImageFile> directories(
      List<String> first, Invocation invocation, Start start) {
    var paths = new ArrayList<String>();
    first.stream().filter(path -> !path.isEmpty()).forEach(path -> paths.add(start.absolute(path)));
    var templates = new ArrayList<String>(DEBIAN);
    String prefix = invocation.program().directory().directory().path();
    OTHERS.forEach(path -> templates.add((prefix.equals("/") ? "" : prefix) + path));
    List<String> versions = versions(start);
    for (String template : templates) {
      for (String version : template.contains("VERSION") ? versions : List.of("")) {
        for (String triplet : template.contains("TRIPLET") ? TRIPLETS : List.of("")) {
          paths.add(template.replace("TRIPLET", triplet).replace("VERSION", version));
        }
      }
    }
    var directories = new ArrayList<ImageFile>();
    for (String path : paths) {
      start.checkpoint();
      Optional<ImageFile> directory = start.image().directory(path);
      directory.ifPresent(at -> {
        // What is built for a processor comes first.
        at.children().values().stream()
            .filter(child -> child.isDirectory() && child.name().contains("-linux"))
            .forEach(directories::add);
        directories.add(at);
      });
    }
    return directories;
  }

  private static List<String> versions(Start start) {
    return VERSIONED.stream()
        .flatMap(path -> start.image().directory(path).stream())
        .flatMap(at -> at.children().keySet().stream())
        .filter(name -> !name.isEmpty() && name.charAt(0) >= '0' && name.charAt(0) <= '9')
        .distinct()
        .limit(16)
        .toList();
  }
}
