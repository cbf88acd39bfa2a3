package io.lighter.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the value of a key may be, by its type; every other record is a section of keys. */
final class ValueTypes {
  private static final Map<Class<?>, String> ALLOWED =
      Map.ofEntries(
          Map.entry(int.class, "a whole number, at most " + Integer.MAX_VALUE),
          Map.entry(Integer.class, "a whole number, at most " + Integer.MAX_VALUE),
          Map.entry(boolean.class, "true or false"),
          Map.entry(Boolean.class, "true or false"),
          Map.entry(ListenAddress.class, ListenAddress.ALLOWED),
          Map.entry(DataSize.class, DataSize.ALLOWED),
          Map.entry(AutoSize.class, AutoSize.ALLOWED),
          Map.entry(FreeSpace.class, FreeSpace.ALLOWED),
          Map.entry(Duration.class, TimeSpan.ALLOWED),
          Map.entry(Path.class, "text"),
          Map.entry(URI.class, "text"),
          Map.entry(String.class, "text"));

  private ValueTypes() {}

  /** What is allowed; empty for a section. */
  static Optional<String> allowed(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(constants(type));
    }
    if (Collection.class.isAssignableFrom(type)) {
      return Optional.of("a list");
    }
    return Optional.ofNullable(ALLOWED.get(type));
  }

  /** The words that stand for the constants of an enum. */
  static String constants(Class<?> type) {
    return Stream.of(type.getEnumConstants())
        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  static boolean isSection(Class<?> type) {
    return type.isRecord() && !ALLOWED.containsKey(type);
  }
}
