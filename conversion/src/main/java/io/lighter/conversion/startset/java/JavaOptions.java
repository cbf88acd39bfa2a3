package io.lighter.conversion.startset.java;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of a Java virtual machine, in so far as it decides what is read. Not
 * thread-safe.
 */
final class JavaOptions {

  private static final Set<String> CLASS_PATHS = Set.of("-cp", "-classpath", "--class-path");
  private static final Set<String> MODULE_PATHS =
      Set.of("-p", "--module-path", "--upgrade-module-path");

  /** Others that take the next argument, unless their value follows an equals sign. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--add-modules",
          "--limit-modules",
          "--add-reads",
          "--add-exports",
          "--add-opens",
          "--patch-module",
          "--enable-native-access",
          "--illegal-native-access",
          "--source",
          "--describe-module",
          "-d");

  /** From here on, references to objects are not compressed by default. */
  private static final long LARGE_HEAP = 32L << 30;

  private final Map<String, String> properties = new HashMap<>();
  private final List<String> agents = new ArrayList<>();
  private final List<String> agentLibraries = new ArrayList<>();
  private final List<String> modulePaths = new ArrayList<>();
  private final List<String> bootClassPaths = new ArrayList<>();
  private final List<String> archives = new ArrayList<>();
  private Optional<String> classPath = Optional.empty();
  private String aotCache = "";
  private String variant = "server";
  private boolean sharesClasses = true;
  private boolean compressesReferences = true;
  private boolean compactsHeaders;
  private String mainClass = "";
  private String jar = "";
  private String module = "";
  private List<String> arguments = List.of();

  /**
   * Takes options in, as those of a variable.
   *
   * @return index of the first argument that is none
   */
  int take(List<String> options) {
    int i = 0;
    while (i < options.size() && options.get(i).startsWith("-")) {
      String option = options.get(i++);
      boolean valued = CLASS_PATHS.contains(option) || MODULE_PATHS.contains(option);
      if (option.equals("-jar") || option.equals("-m") || option.equals("--module")) {
        return i - 1;
      }
      if ((valued || WITH_VALUE.contains(option)) && i < options.size()) {
        path(option, options.get(i++));
      } else if (option.startsWith("--") && option.indexOf('=') > 0) {
        int equals = option.indexOf('=');
        path(option.substring(0, equals), option.substring(equals + 1));
      } else {
        option(option);
      }
    }
    return i;
  }

  /** Takes in all that follows {@code java}. */
  void takeCommandLine(List<String> line) {
    int i = take(line);
    List<String> rest = line.subList(i, line.size());
    String first = rest.isEmpty() ? "" : rest.getFirst();
    boolean named = first.equals("-jar") || first.equals("-m") || first.equals("--module");
    if (named && rest.size() > 1) {
      jar = first.equals("-jar") ? rest.get(1) : "";
      module = first.equals("-jar") ? "" : rest.get(1);
      arguments = List.copyOf(rest.subList(2, rest.size()));
    } else if (first.startsWith("--module=")) {
      module = first.substring("--module=".length());
    } else if (!rest.isEmpty() && !named) {
      mainClass = first;
      arguments = List.copyOf(rest.subList(1, rest.size()));
    }
  }

  private void path(String option, String value) {
    if (CLASS_PATHS.contains(option)) {
      classPath = Optional.of(value);
    } else if (MODULE_PATHS.contains(option)) {
      modulePaths.add(value);
    }
  }

  private void option(String option) {
    int colon = option.indexOf(':');
    String value = option.substring(colon + 1);
    if (option.startsWith("-D")) {
      int equals = option.indexOf('=');
      properties.put(
          option.substring(2, equals < 0 ? option.length() : equals),
          equals < 0 ? "" : option.substring(equals + 1));
    } else if (option.startsWith("-javaagent:")) {
      int equals = value.indexOf('=');
      agents.add(equals < 0 ? value : value.substring(0, equals));
    } else if (option.startsWith("-agentlib:") || option.startsWith("-agentpath:")) {
      int equals = value.indexOf('=');
      agentLibraries.add(equals < 0 ? value : value.substring(0, equals));
    } else if (option.startsWith("-Xbootclasspath/a:") || option.startsWith("-Xbootclasspath/p:")) {
      bootClassPaths.add(value);
    } else if (option.startsWith("-XX:")) {
      machineOption(value);
    } else if (option.startsWith("-Xmx")) {
      compressesReferences &= size(option.substring("-Xmx".length())) < LARGE_HEAP;
    } else {
      switch (option) {
        case "-Xshare:off" -> sharesClasses = false;
        case "-client", "-minimal", "-zero", "-server" -> variant = option.substring(1);
        default -> {
          // Everything else changes nothing about what is read.
        }
      }
    }
  }

  private void machineOption(String option) {
    int equals = option.indexOf('=');
    String name = equals < 0 ? option : option.substring(0, equals);
    String value = equals < 0 ? "" : option.substring(equals + 1);
    switch (name) {
      case "SharedArchiveFile" -> archives.addAll(List.of(value.split(":", -1)));
      case "AOTCache" -> aotCache = value;
      case "-UseCompressedOops", "+UseZGC" -> compressesReferences = false;
      case "+UseCompressedOops" -> compressesReferences = true;
      case "+UseCompactObjectHeaders" -> compactsHeaders = true;
      case "MaxHeapSize" -> compressesReferences &= size(value) < LARGE_HEAP;
      default -> {
        // Everything else changes nothing about what is read.
      }
    }
  }

  private static long size(String text) {
    long size = 0;
    for (int i = 0; i < text.length() && size < LARGE_HEAP; i++) {
      char c = Character.toLowerCase(text.charAt(i));
      int shift = c == 'k' ? 10 : c == 'm' ? 20 : c == 'g' ? 30 : c == 't' ? 40 : 0;
      boolean digit = c >= '0' && c <= '9';
      size = digit ? size * 10 + (c - '0') : size << shift;
    }
    return size;
  }

  Optional<String> property(String name) {
    return Optional.ofNullable(properties.get(name));
  }

  /** Values of all properties, some of which name files. */
  List<String> propertyValues() {
    return List.copyOf(properties.values());
  }

  /** Jars of agents. */
  List<String> agents() {
    return List.copyOf(agents);
  }

  /** Names or paths of native agents. */
  List<String> agentLibraries() {
    return List.copyOf(agentLibraries);
  }

  List<String> modulePaths() {
    return List.copyOf(modulePaths);
  }

  List<String> bootClassPaths() {
    return List.copyOf(bootClassPaths);
  }

  /** Archives of classes that the command line names. */
  List<String> archives() {
    return List.copyOf(archives);
  }

  /** What takes the place of every archive; empty if nothing does. */
  String aotCache() {
    return aotCache;
  }

  Optional<String> classPath() {
    return classPath;
  }

  /** Directory of the machine's library. */
  String variant() {
    return variant;
  }

  boolean sharesClasses() {
    return sharesClasses;
  }

  /** Name of the archive that the machine takes if nobody names one. */
  String defaultArchive() {
    return "classes"
        + (compressesReferences ? "" : "_nocoops")
        + (compactsHeaders ? "_coh" : "")
        + ".jsa";
  }

  /** Dotted name; empty if a jar or module is started. */
  String mainClass() {
    return mainClass;
  }

  /** What {@code -jar} names; empty if it is not there. */
  String jar() {
    return jar;
  }

  /** What {@code --module} names; empty if it is not there. */
  String module() {
    return module;
  }

  /** Arguments of the program. */
  List<String> arguments() {
    return arguments;
  }
}
