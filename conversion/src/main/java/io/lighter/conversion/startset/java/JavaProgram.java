package io.lighter.conversion.startset.java;

import io.lighter.conversion.startset.image.ImageFile;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.List;
import java.util.Optional;

/** The {@code java} launcher and the virtual machine behind it. */
public final class JavaProgram implements ProgramKind {

  /** Longer files that properties and arguments name are not read whole as a rule. */
  private static final long NAMED_FILE = 1 << 20;

  /** Frameworks that look through all classes of an application. */
  private static final List<String> SCANNING = List.of("spring-context", "hibernate-core", "weld-");

  private static final Reason NAMED = Reason.likely("an argument of java names it");

  @Override
  public boolean runs(Invocation invocation) {
    return invocation.program().name().equals("java");
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    var options = new JavaOptions();
    options.take(ArgumentFiles.words(start.variable("JAVA_TOOL_OPTIONS").orElse("")));
    options.take(ArgumentFiles.words(start.variable("JDK_JAVA_OPTIONS").orElse("")));
    options.takeCommandLine(ArgumentFiles.expanded(invocation.arguments(), start));
    options.take(ArgumentFiles.words(start.variable("_JAVA_OPTIONS").orElse("")));
    Optional<JavaHome> home = JavaHome.of(invocation.program(), start);
    if (home.isEmpty()) {
      start.unresolved(invocation.path(), "there is no Java runtime around it");
    }
    home.ifPresent(at -> at.begin(options));
    program(options, start);
    home.ifPresent(JavaHome::end);
    options.propertyValues().forEach(value -> named(value, start));
    options.arguments().forEach(argument -> named(argument, start));
  }

  private static void program(JavaOptions options, Start start) {
    var classPath = new ClassPath(start);
    var containers = new Containers(start, classPath);
    for (String agent : options.agents()) {
      classPath.add(agent, Reason.certain("agent of the command line"));
    }
    for (String path : options.bootClassPaths()) {
      classPath.add(path, Reason.certain("boot class path"));
    }
    for (String path : options.modulePaths()) {
      classPath.addModules(path, Reason.certain("module path"));
    }
    String mainClass = options.mainClass();
    if (!options.jar().isEmpty()) {
      mainClass = jar(options.jar(), classPath, containers, start);
    } else if (mainClass.endsWith(".java")) {
      start.reads(mainClass, Reason.certain("source of the command line"));
    } else if (!mainClass.isEmpty() || options.classPath().isPresent()) {
      String path = options.classPath().or(() -> start.variable("CLASSPATH")).orElse(".");
      classPath.add(path, Reason.certain("class path"));
    }
    containers.followClass(mainClass, options);
    classes(mainClass, classPath, start);
  }

  /** Adds the jar of {@code -jar} and returns the main class that it names. */
  private static String jar(String path, ClassPath classPath, Containers containers, Start start) {
    Optional<ImageFile> jar = start.file(path);
    if (jar.isEmpty()) {
      start.unresolved(path, "there is no such jar");
      return "";
    }
    classPath.addJar(jar.get(), Reason.certain("jar of the command line"));
    containers.followJar(jar.get());
    return JarManifest.of(jar.get(), start).attribute("Main-Class");
  }

  private static void classes(String mainClass, ClassPath classPath, Start start) {
    var loose = new LooseClasses(start, classPath.directories());
    loose.follow(mainClass, Reason.certain("main class"));
    if (SCANNING.stream().anyMatch(classPath::hasJar)) {
      loose.all(Reason.likely("a framework looks through all classes"));
    }
  }

  /** Takes in what an argument, or the value behind its equals sign, names. */
  private static void named(String argument, Start start) {
    String value = argument.substring(argument.indexOf('=') + 1);
    String path = value.startsWith("file:") ? value.substring("file:".length()) : value;
    if (!path.isEmpty()) {
      start
          .file(path.startsWith("///") ? path.substring(2) : path)
          .filter(file -> file.size() <= NAMED_FILE)
          .ifPresent(file -> start.reads(file, NAMED));
    }
  }
}
