package io.lighter.conversion.startset.python;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program can ask about where it runs, and the image answers.
 *
 * @param minor the second number of Python's version
 * @param environment variables by name
 * @param optimized whether assertions are left out
 */
record Facts(int minor, Map<String, String> environment, boolean optimized) {

  /** Stands for Python's {@code None} among values. */
  static final String NONE = "\0None";

  /** Newer than any that a program asks for. */
  private static final long MICRO = 99;

  private static final long INT = 0xffff_ffffL;

  private static final Pattern VARIABLE =
      Pattern.compile(
          "(?:os\\.)?(?:environ\\.get|getenv|environ\\[)\\(?'([^']*)'(?:,'([^']*)'|,None)?[)\\]]");

  private static final Pattern PLATFORM =
      Pattern.compile("(?:sys\\.)?platform\\.startswith\\(+(.*?)\\)+");

  boolean isSet(String variable) {
    return environment.containsKey(variable);
  }

  /**
   * Value of an expression.
   *
   * @param text without spaces, texts in single quotes
   * @return Boolean, Long, String or a list of them
   */
  Optional<Object> value(String text) {
    Object value =
        switch (text) {
          case "True" -> true;
          case "False" -> false;
          case "None" -> NONE;
          case "sys.version_info", "version_info" -> List.of(3L, (long) minor, MICRO);
          case "sys.version_info[:3]" -> List.of(3L, (long) minor, MICRO);
          case "sys.version_info[:2]", "sys.version_info[0:2]", "version_info[:2]" ->
              List.of(3L, (long) minor);
          case "sys.version_info[:1]" -> List.of(3L);
          case "sys.version_info[0]", "sys.version_info.major" -> 3L;
          case "sys.version_info[1]", "sys.version_info.minor" -> (long) minor;
          case "sys.hexversion" -> 0x0300_00f0L + ((long) minor << 16) & INT;
          case "sys.maxsize" -> Long.MAX_VALUE;
          case "sys.platform" -> "linux";
          case "os.name" -> "posix";
          case "os.sep", "os.path.sep" -> "/";
          case "sys.byteorder" -> "little";
          case "sys.implementation.name" -> "cpython";
          case "platform.python_implementation()" -> "CPython";
          case "platform.system()" -> "Linux";
          default -> variable(text);
        };
    return Optional.of(value).filter(known -> !known.equals(""));
  }

  private Object variable(String text) {
    if (!text.contains("env")) {
      return "";
    }
    Matcher matcher = VARIABLE.matcher(text);
    if (!matcher.matches()) {
      return "";
    }
    String value = environment.get(matcher.group(1));
    String otherwise = matcher.group(2) == null ? NONE : matcher.group(2);
    return value == null ? otherwise : value;
  }

  /** Whether an expression is true that has no value of its own here. */
  Optional<Boolean> truth(String text) {
    if (text.endsWith("TYPE_CHECKING")) {
      return Optional.of(false);
    }
    Matcher platform = PLATFORM.matcher(text);
    if (platform.matches()) {
      return Optional.of(platform.group(1).contains("'linux"));
    }
    return switch (text) {
      case "__debug__" -> Optional.of(!optimized);
      case "PY3", "six.PY3" -> Optional.of(true);
      case "PY2", "six.PY2", "PYPY", "sys.gettrace()" -> Optional.of(false);
      case "hasattr(sys,'pypy_version_info')",
          "hasattr(sys,'frozen')",
          "hasattr(sys,'real_prefix')" ->
          Optional.of(false);
      case "getattr(sys,'frozen',False)", "hasattr(sys,'getwindowsversion')" -> Optional.of(false);
      default -> Optional.empty();
    };
  }
}
