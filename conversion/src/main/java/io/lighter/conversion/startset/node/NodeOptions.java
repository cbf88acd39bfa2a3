package io.lighter.conversion.startset.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Node's command line, with {@code NODE_OPTIONS} in front of it.
 *
 * @param preloaded what {@code --require} and {@code --import} load first, in order
 * @param conditions what {@code --conditions} adds
 * @param files what other options have Node read: certificates, environments
 * @param source text to run instead of a file; empty if there is none
 * @param script what {@code --run} runs; empty if there is none
 * @param rest the entry script and its arguments
 */
record NodeOptions(
    List<String> preloaded,
    List<String> conditions,
    List<String> files,
    String source,
    String script,
    List<String> rest) {

  /** Those that take the next argument, unless their value follows an equals sign. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "-r",
          "--require",
          "--import",
          "--loader",
          "--experimental-loader",
          "-e",
          "--eval",
          "-p",
          "--print",
          "-pe",
          "-C",
          "--conditions",
          "--env-file",
          "--env-file-if-exists",
          "--run",
          "--input-type",
          "--title",
          "--icu-data-dir",
          "--openssl-config",
          "--snapshot-blob",
          "--diagnostic-dir",
          "--dns-result-order",
          "--unhandled-rejections",
          "--trace-event-categories",
          "--redirect-warnings",
          "--tls-cipher-list",
          "--watch-path",
          "--disable-proto",
          "--max-http-header-size",
          "--inspect-port",
          "--secure-heap");

  static NodeOptions parse(String variable, List<String> arguments) {
    var parser = new Parser();
    String[] words = variable.strip().split("[ \t]+");
    parser.take(variable.isBlank() ? List.of() : List.of(words));
    return parser.finish(arguments.subList(parser.take(arguments), arguments.size()));
  }

  private static final class Parser {
    private final List<String> preloaded = new ArrayList<>();
    private final List<String> conditions = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private String source = "";
    private String script = "";

    /** Takes options in and returns the index of the first argument that is none. */
    int take(List<String> arguments) {
      int i = 0;
      while (i < arguments.size()
          && arguments.get(i).startsWith("-")
          && arguments.get(i).length() > 1) {
        String argument = arguments.get(i++);
        if (argument.equals("--")) {
          break;
        }
        int equals = argument.indexOf('=');
        String name = equals > 0 ? argument.substring(0, equals) : argument;
        String value = equals > 0 ? unquoted(argument.substring(equals + 1)) : "";
        if (equals < 0 && WITH_VALUE.contains(name) && i < arguments.size()) {
          value = unquoted(arguments.get(i++));
        }
        option(name.replace('_', '-'), value);
      }
      return i;
    }

    private static String unquoted(String text) {
      boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
      return quoted ? text.substring(1, text.length() - 1) : text;
    }

    private void option(String name, String value) {
      switch (name) {
        case "-r", "--require", "--import", "--loader", "--experimental-loader" ->
            preloaded.add(value);
        case "-C", "--conditions" -> conditions.add(value);
        case "-e", "--eval", "-p", "--print", "-pe" -> source = value;
        case "--run" -> script = value;
        case "--env-file", "--env-file-if-exists", "--openssl-config", "--snapshot-blob" ->
            files.add(value);
        default -> {
          // Everything else changes nothing about what is read.
        }
      }
    }

    NodeOptions finish(List<String> rest) {
      return new NodeOptions(
          List.copyOf(preloaded),
          List.copyOf(conditions),
          List.copyOf(files),
          source,
          script,
          List.copyOf(rest));
    }
  }
}
