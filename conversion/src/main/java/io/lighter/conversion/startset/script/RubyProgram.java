package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Ruby, with RubyGems and Bundler. */
public final class RubyProgram implements ProgramKind {

  private static final int MAX_LOCK = 1 << 20;

  private static final Reason RUBY = Reason.certain("part of Ruby");
  private static final Reason SPECIFICATION = Reason.likely("RubyGems reads it");
  private static final Reason APPLICATION = Reason.likely("part of the application");

  /** What every start of a Ruby with gems loads, if this Ruby has it, in order. */
  private static final List<String> BUILT_IN =
      List.of(
          "enc/encdb.so",
          "enc/trans/transdb.so",
          "rubygems",
          "rbconfig",
          "rubygems/compatibility",
          "rubygems/defaults",
          "rubygems/defaults/operating_system",
          "rubygems/specification",
          "rubygems/stub_specification",
          "rubygems/dependency",
          "rubygems/core_ext/kernel_gem",
          "rubygems/core_ext/kernel_require",
          "rubygems/core_ext/kernel_warn",
          "rubygems/path_support",
          "monitor",
          "error_highlight",
          "did_you_mean",
          "syntax_suggest/core_ext");

  /** What servers of applications read in the working directory. */
  private static final List<String> APPLICATION_FILES =
      List.of("config.ru", "config/puma.rb", "config/unicorn.rb");

  private static final Set<String> SERVERS =
      Set.of("puma", "rackup", "unicorn", "thin", "passenger", "falcon", "pumactl", "rails");

  @Override
  public boolean runs(Invocation invocation) {
    String name = invocation.program().name();
    return name.startsWith("ruby")
        && name.chars().skip(4).allMatch(c -> c == '.' || Character.isDigit(c));
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    var options = RubyOptions.parse(start.variable("RUBYOPT").orElse(""), invocation.arguments());
    List<String> arguments = options.arguments();
    var path =
        new RubyLoadPath(
            start, invocation.program(), options.directories(), locked(arguments, start));
    var graph = new SourceGraph(start, new RubySource(path));
    builtIn(path, graph, options.gems(), start);
    for (String name : options.required()) {
      path.find(name).ifPresent(file -> graph.add(file, Reason.certain("required by an option")));
    }
    graph.run();
    ImageFile directory = start.directory();
    if (!options.source().isEmpty()) {
      graph.addText(directory, options.source());
    } else if (!arguments.isEmpty()) {
      script(arguments, directory, graph, start);
    }
  }

  private static void builtIn(RubyLoadPath path, SourceGraph graph, boolean gems, Start start) {
    for (String name : BUILT_IN) {
      if (gems || name.startsWith("enc/")) {
        path.find(name).ifPresent(file -> graph.add(file, RUBY));
      }
    }
    graph.run();
    if (!gems) {
      return;
    }
    for (ImageFile specifications : path.specifications()) {
      for (String folder : List.of("default", ".")) {
        for (ImageFile file :
            start
                .image()
                .find(specifications, folder)
                .map(at -> at.children().values())
                .orElse(List.of())) {
          start.checkpoint();
          if (file.name().endsWith(".gemspec")) {
            start.reads(file, SPECIFICATION);
          }
        }
      }
    }
  }

  private static void script(
      List<String> arguments, ImageFile directory, SourceGraph graph, Start start) {
    Optional<ImageFile> script = start.file(arguments.getFirst());
    if (script.isEmpty()) {
      start.unresolved(arguments.getFirst(), "there is no such script");
      return;
    }
    graph.add(script.get(), Reason.certain("script of the command"));
    graph.run();
    String name = script.get().name();
    if (name.startsWith("bundle")) {
      List<String> rest = arguments.subList(1, arguments.size());
      for (String file : List.of("Gemfile", "Gemfile.lock", ".bundle/config")) {
        start.reads(file, Reason.certain("Bundler"));
      }
      if (rest.size() > 1 && rest.getFirst().equals("exec")) {
        start.execute(rest.subList(1, rest.size()), Reason.certain("command of Bundler"));
      }
    } else if (SERVERS.contains(name)) {
      application(arguments, directory, graph, start);
    }
  }

  private static void application(
      List<String> arguments, ImageFile directory, SourceGraph graph, Start start) {
    var files = new ArrayList<>(APPLICATION_FILES);
    files.addAll(arguments.subList(1, arguments.size()));
    for (String file : files) {
      start.file(file).ifPresent(found -> graph.add(found, APPLICATION));
    }
    if (start.file("config/application.rb").isPresent()) {
      RailsFiles.of(directory, start).forEach(file -> graph.add(file, APPLICATION));
      for (String file : List.of("Gemfile", "Gemfile.lock")) {
        start.reads(file, APPLICATION);
      }
    }
    graph.run();
  }

  /** Gems with versions that the application of this start is locked to. */
  private static Set<String> locked(List<String> arguments, Start start) {
    boolean bundled =
        start.variable("BUNDLE_GEMFILE").isPresent()
            || arguments.stream()
                .anyMatch(word -> word.endsWith("bundle") || word.contains("rails"))
            || start.file("config/boot.rb").isPresent();
    String gemfile = start.variable("BUNDLE_GEMFILE").orElse("Gemfile");
    Optional<ImageFile> lock = bundled ? start.file(gemfile + ".lock") : Optional.empty();
    var gems = new HashSet<String>();
    for (String line : lock.map(file -> start.text(file, MAX_LOCK)).orElse("").split("\n", -1)) {
      start.checkpoint();
      int open = line.indexOf(" (");
      if (line.startsWith("    ") && !line.startsWith("     ") && open > 4 && line.endsWith(")")) {
        gems.add(line.substring(4, open) + "-" + line.substring(open + 2, line.length() - 1));
      }
    }
    return gems;
  }
}
