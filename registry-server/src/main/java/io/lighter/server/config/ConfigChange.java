package io.lighter.server.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a running server makes of another configuration: keys that are {@link Reloadable} are as it
 * says, all others stay as they are until a restart.
 *
 * @param effective what the server runs by from now on
 * @param changed keys that are other than before; of upstreams, which of them
 * @param restart keys that are other than before and stay as they are
 */
public record ConfigChange(ServerConfig effective, List<String> changed, List<String> restart) {
  public ConfigChange {
    changed = List.copyOf(changed);
    restart = List.copyOf(restart);
  }

  /**
   * Compares two configurations.
   *
   * @throws ConfigException if what is taken up does not go together with what stays as it is
   */
  public static ConfigChange between(ServerConfig running, ServerConfig next) {
    var merge = new Merge();
    try {
      return new ConfigChange(
          (ServerConfig) merge.section(running, next, "", false), merge.changed, merge.restart);
    } catch (ConfigException e) {
      throw new ConfigException(
          "%s; that is so because a change needs a restart: %s"
              .formatted(e.getMessage(), String.join(", ", merge.restart)));
    }
  }

  private static final class Merge {
    private final List<String> changed = new ArrayList<>();
    private final List<String> restart = new ArrayList<>();

    /**
     * Makes a section out of two.
     *
     * @param prefix path of the section, with a point behind it
     * @param reloadable whether all of it is
     */
    Record section(Record running, Record next, String prefix, boolean reloadable) {
      RecordComponent[] keys = running.getClass().getRecordComponents();
      var values = new Object[keys.length];
      for (int i = 0; i < keys.length; i++) {
        Object before = value(keys[i], running);
        Object after = value(keys[i], next);
        String path = prefix + keys[i].getName();
        boolean taken = reloadable || keys[i].isAnnotationPresent(Reloadable.class);
        if (ValueTypes.isSection(keys[i].getType())) {
          values[i] = section((Record) before, (Record) after, path + '.', taken);
        } else {
          values[i] = taken ? after : before;
          if (!before.equals(after)) {
            (taken ? changed : restart).addAll(described(path, before, after));
          }
        }
      }
      return made(running.getClass(), keys, values);
    }

    /** Upstreams have names, and an operator wants to see which of them he has changed. */
    private static List<String> described(String path, Object before, Object after) {
      if (!(before instanceof List<?> some && after instanceof List<?> others)) {
        return List.of(path);
      }
      Map<String, UpstreamConfig> old = upstreams(some);
      Map<String, UpstreamConfig> now = upstreams(others);
      List<String> each =
          Stream.concat(old.keySet().stream(), now.keySet().stream())
              .distinct()
              .filter(name -> !Objects.equals(old.get(name), now.get(name)))
              .map(name -> {
                String what = old.containsKey(name) ? "changed" : "added";
                return "%s %s %s".formatted(path, name, now.containsKey(name) ? what : "removed");
              })
              .toList();
      // None if they are in another order only.
      return each.isEmpty() ? List.of(path) : each;
    }

    private static Map<String, UpstreamConfig> upstreams(List<?> list) {
      var byName = new LinkedHashMap<String, UpstreamConfig>();
      for (Object item : list) {
        if (item instanceof UpstreamConfig upstream) {
          byName.put(upstream.name(), upstream);
        }
      }
      return byName;
    }

    private static Object value(RecordComponent key, Record section) {
      try {
        return Objects.requireNonNull(key.getAccessor().invoke(section));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("sections are public records", e);
      }
    }

    private static Record made(
        Class<? extends Record> section, RecordComponent[] keys, Object[] values) {
      Class<?>[] types = Stream.of(keys).map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        Constructor<? extends Record> constructor = section.getDeclaredConstructor(types);
        return constructor.newInstance(values);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException refused) {
          throw refused;
        }
        throw new IllegalStateException(e);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("sections are public records", e);
      }
    }
  }
}
