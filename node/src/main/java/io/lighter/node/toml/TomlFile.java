package io.lighter.node.toml;

import io.lighter.node.NodeException.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.MutableTomlArray;
import org.tomlj.MutableTomlTable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlInvalidTypeException;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;
import org.tomlj.TomlVersion;
import org.tomlj.TomlWriteOptions;

/**
 * A TOML file: read, changed at single keys, written with the operator's comments, order and
 * notation. Not for several threads at a time.
 */
public final class TomlFile {
  // No limit to lines: TOML 1.0 has no way to break an inline table.
  private static final TomlWriteOptions WRITTEN =
      TomlWriteOptions.defaults()
          .keep(TomlWriteOptions.Keep.LAYOUT)
          .withVersion(TomlVersion.V1_0_0)
          .withMaxLineWidth(Integer.MAX_VALUE);

  private final String path;
  private final String original;
  private final TomlParseResult content;
  private final Map<List<String>, Object> changes = new LinkedHashMap<>();

  private TomlFile(String path, String original, TomlParseResult content) {
    this.path = path;
    this.original = original;
    this.content = content;
  }

  /**
   * Reads a text.
   *
   * @param path what messages call the file
   * @throws Refused if this is not TOML 1.0
   */
  public static TomlFile parse(String path, String text) {
    TomlParseResult content = Toml.parse(text, TomlVersion.V1_0_0);
    if (content.hasErrors()) {
      throw new Refused(
          path + " is not valid TOML: " + content.errors().getFirst() + ". Mend it first.");
    }
    return new TomlFile(path, text, content);
  }

  public String path() {
    return path;
  }

  public Optional<String> string(List<String> key) {
    return get(key, String.class, "a string");
  }

  public Optional<Long> integer(List<String> key) {
    return get(key, Long.class, "an integer");
  }

  public Optional<Boolean> bool(List<String> key) {
    return get(key, Boolean.class, "true or false");
  }

  /** The strings of an array; empty if there is no such key. */
  public List<String> strings(List<String> key) {
    var strings = new ArrayList<String>();
    get(key, TomlArray.class, "an array")
        .ifPresent(array -> {
          for (Object element : array.toList()) {
            if (!(element instanceof String string)) {
              throw new Refused(dotted(key) + " has to be an array of strings");
            }
            strings.add(string);
          }
        });
    return strings;
  }

  /** The keys of a table; empty if there is no such table. */
  public Set<String> keys(List<String> table) {
    return get(table, TomlTable.class, "a table").map(TomlTable::keySet).orElse(Set.of());
  }

  public boolean has(List<String> key) {
    return raw(key) != null;
  }

  /** The tables of an array of tables; empty if there is no such key. */
  public List<TomlTable> tables(List<String> key) {
    var tables = new ArrayList<TomlTable>();
    get(key, TomlArray.class, "an array of tables")
        .ifPresent(array -> {
          for (int i = 0; i < array.size(); i++) {
            if (!array.isTable(i)) {
              throw new Refused(dotted(key) + " has to be an array of tables");
            }
            tables.add(array.getTable(i));
          }
        });
    return tables;
  }

  /**
   * Sets one key; the tables above it are made as needed. Setting what is there already leaves the
   * text alone.
   *
   * @param value a string, a boolean, a long, or a list or a map of such
   */
  public void set(List<String> key, Object value) {
    Object now = raw(key);
    if (now != null && value.equals(copyOf(now))) {
      return;
    }
    try {
      content.set(key, tomlOf(value));
    } catch (TomlInvalidTypeException e) {
      throw new Refused(dotted(key) + " cannot be set: " + e.getMessage());
    }
    changes.put(key, value);
  }

  /**
   * The text with all changes made. It was parsed again and holds what the file held before and the
   * changes, and nothing else.
   *
   * @throws Refused if the text would say anything else
   */
  public String text() {
    if (changes.isEmpty()) {
      return original;
    }
    String text = content.toToml(WRITTEN);
    TomlParseResult written = Toml.parse(text, TomlVersion.V1_0_0);
    Map<String, Object> meant = deepCopy(Toml.parse(original, TomlVersion.V1_0_0).toMap());
    changes.forEach((key, value) -> put(meant, key, value));
    if (written.hasErrors() || !meant.equals(deepCopy(written.toMap()))) {
      throw new Refused(
          path + " cannot be changed without touching more than " + changes.keySet() + " in it");
    }
    return text;
  }

  private <T> Optional<T> get(List<String> key, Class<T> type, String wanted) {
    Object value = raw(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw new Refused(dotted(key) + " has to be " + wanted);
    }
    return Optional.of(type.cast(value));
  }

  private @Nullable Object raw(List<String> key) {
    try {
      return content.get(key);
    } catch (TomlInvalidTypeException e) {
      throw new Refused(dotted(key) + " cannot be read: " + e.getMessage());
    }
  }

  private String dotted(List<String> key) {
    return path + ": " + Toml.joinKeyPath(key);
  }

  private static Object tomlOf(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        MutableTomlTable table = MutableTomlTable.create();
        map.forEach((key, element) -> table.set(List.of(String.valueOf(key)), tomlOf(element)));
        yield table;
      }
      case List<?> list -> MutableTomlArray.copyOf(list.stream().map(TomlFile::tomlOf).toList());
      default -> value;
    };
  }

  private static Map<String, Object> deepCopy(Map<String, ?> map) {
    var copy = new LinkedHashMap<String, Object>();
    map.forEach((key, value) -> copy.put(key, copyOf(value)));
    return copy;
  }

  private static List<Object> deepCopy(List<?> list) {
    var copy = new ArrayList<>();
    list.forEach(value -> copy.add(copyOf(value)));
    return copy;
  }

  private static Object copyOf(Object value) {
    return switch (value) {
      case TomlArray array -> deepCopy(array.toList());
      case TomlTable table -> deepCopy(table.toMap());
      case List<?> list -> deepCopy(list);
      case Map<?, ?> map -> {
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((key, element) -> copy.put(String.valueOf(key), copyOf(element)));
        yield copy;
      }
      default -> value;
    };
  }

  @SuppressWarnings("unchecked") // tables below a copy are the maps that deepCopy made
  private static void put(Map<String, Object> map, List<String> key, Object value) {
    Map<String, Object> table = map;
    for (String part : key.subList(0, key.size() - 1)) {
      table = (Map<String, Object>) table.computeIfAbsent(part, _ -> new LinkedHashMap<>());
    }
    table.put(key.getLast(), value);
  }
}
