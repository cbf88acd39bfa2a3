package io.lighter.conversion.startset.script;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;

/** PHP on the command line, its own web server, and its process manager (FPM). */
public final class PhpProgram implements ProgramKind {

  private static final List<String> WITH_VALUE =
      List.of("-c", "-d", "-S", "-t", "-f", "-z", "-y", "-p", "--fpm-config", "--prefix");

  @Override
  public boolean runs(Invocation invocation) {
    String name = invocation.program().name();
    String rest = name.startsWith("php") ? name.substring(3) : "x";
    String variant = rest.startsWith("-fpm") || rest.startsWith("-cgi") ? rest.substring(4) : rest;
    return variant.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    boolean manager = invocation.program().name().contains("fpm");
    String configuration = "";
    String root = ".";
    boolean serves = false;
    List<String> arguments = invocation.arguments();
    int i = 0;
    String script = "";
    while (i < arguments.size() && script.isEmpty()) {
      String argument = arguments.get(i++);
      String value =
          WITH_VALUE.contains(argument) && i < arguments.size() ? arguments.get(i++) : "";
      switch (argument) {
        case "-c" -> configuration = value;
        case "-S" -> serves = true;
        case "-t" -> root = value;
        case "-f" -> script = value;
        default -> script = argument.startsWith("-") || manager ? "" : argument;
      }
    }
    new PhpConfiguration(start, invocation.program()).read(configuration, manager);
    if (script.isEmpty() && serves) {
      script = root + "/index.php";
    }
    if (!script.isEmpty()) {
      Optional<ImageFile> entry = start.file(script);
      var graph = new SourceGraph(start, new PhpSource());
      entry.ifPresent(file -> graph.add(file, Reason.certain("script of the command")));
      graph.run();
      if (entry.isEmpty()) {
        start.unresolved(script, "there is no such script");
      }
    }
  }
}
