package io.lighter.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the value of a key may be, by its type; every other record is a section of keys. */
final class ValueTypes {
  private static final Map<Class<?>, Kind> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put(ListenAddress.class, new Kind("address", ListenAddress.ALLOWED));
    KINDS.put(DataSize.class, new Kind("size", DataSize.ALLOWED));
    KINDS.put(AutoSize.class, new Kind("size or `auto`", AutoSize.ALLOWED));
    KINDS.put(FreeSpace.class, new Kind("share or size", FreeSpace.ALLOWED));
    KINDS.put(Duration.class, new Kind("time", TimeSpan.ALLOWED));
    var number = new Kind("number", "a whole number, at most " + Integer.MAX_VALUE);
    KINDS.put(int.class, number);
    KINDS.put(Integer.class, number);
    KINDS.put(double.class, new Kind("share", "a number"));
    var truth = new Kind("`true`, `false`", "true or false");
    KINDS.put(boolean.class, truth);
    KINDS.put(Boolean.class, truth);
    KINDS.put(Path.class, new Kind("path", "text"));
    KINDS.put(URI.class, new Kind("URL", "text"));
    KINDS.put(String.class, new Kind("text", "text"));
  }

  /**
   * A kind of values.
   *
   * @param word short, as Markdown
   * @param allowed what may be written
   */
  record Kind(String word, String allowed) {}

  private ValueTypes() {}

  /** What is allowed; empty for a section. */
  static Optional<String> allowed(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(constants(type).collect(Collectors.joining(", ")));
    }
    if (Collection.class.isAssignableFrom(type)) {
      return Optional.of("a list");
    }
    return Optional.ofNullable(KINDS.get(type)).map(Kind::allowed);
  }

  /** The word for a type that is neither a section nor a collection. */
  static String word(Class<?> type) {
    if (type.isEnum()) {
      return constants(type)
          .map(constant -> '`' + constant + '`')
          .collect(Collectors.joining(", "));
    }
    Kind kind = KINDS.get(type);
    if (kind == null) {
      throw new IllegalStateException("no word for " + type);
    }
    return kind.word();
  }

  /** Those whose word alone does not say what may be written. */
  static List<Kind> explained() {
    return Stream.of(
            ListenAddress.class, DataSize.class, FreeSpace.class, Duration.class, int.class)
        .map(KINDS::get)
        .toList();
  }

  private static Stream<String> constants(Class<?> type) {
    return Stream.of(type.getEnumConstants())
        .map(constant -> constant.toString().toLowerCase(Locale.ROOT));
  }

  static boolean isSection(Class<?> type) {
    return type.isRecord() && !KINDS.containsKey(type);
  }
}
