package io.lighter.conversion.startset.node;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a {@code package.json} says.
 *
 * @param file the file itself
 * @param content its JSON; a missing node if it has none
 */
record NodePackage(ImageFile file, JsonNode content) {

  /** What one key of {@code exports} or {@code imports} can lead to, at most. */
  private static final int MAX_TARGETS = 32;

  private static final int MAX_DEPTH = 20;

  ImageFile directory() {
    return file.directory();
  }

  String name() {
    return content.path("name").asString("");
  }

  Optional<String> main() {
    JsonNode main = content.path("main");
    return main.isString() ? Optional.of(main.asString()) : Optional.empty();
  }

  boolean hasExports() {
    return !content.path("exports").isMissingNode() && !content.path("exports").isNull();
  }

  /** Names of the packages that it can do without. */
  List<String> optionalDependencies() {
    return List.copyOf(content.path("optionalDependencies").propertyNames());
  }

  /** Text of a script. */
  Optional<String> script(String script) {
    JsonNode text = content.path("scripts").path(script);
    return text.isString() ? Optional.of(text.asString()) : Optional.empty();
  }

  /** Where the package's command of a name is. */
  Optional<String> command(String command) {
    JsonNode bin = content.path("bin");
    JsonNode path = bin.isString() ? bin : bin.path(command);
    return path.isString() ? Optional.of(path.asString()) : Optional.empty();
  }

  /**
   * What {@code exports} has for a subpath (Node.js, "PACKAGE_EXPORTS_RESOLVE").
   *
   * @param subpath {@code .} or begins with {@code ./}
   * @param conditions those that hold
   * @return relative to the package, the first that exists counts; empty if there is none
   */
  List<String> exported(String subpath, List<String> conditions) {
    JsonNode exports = content.path("exports");
    boolean bySubpath =
        exports.isObject() && exports.propertyNames().stream().anyMatch(k -> k.startsWith("."));
    if (bySubpath) {
      return matched(exports, subpath, conditions);
    }
    return subpath.equals(".") ? targets(exports, "", conditions) : List.of();
  }

  /** What {@code imports} has for a name that begins with {@code #}. */
  List<String> imported(String name, List<String> conditions) {
    return matched(content.path("imports"), name, conditions);
  }

  /** PACKAGE_IMPORTS_EXPORTS_RESOLVE. */
  private static List<String> matched(JsonNode table, String key, List<String> conditions) {
    if (table.has(key) && !key.contains("*") && !key.endsWith("/")) {
      return targets(table.path(key), "", conditions);
    }
    String best = "";
    for (String pattern : table.propertyNames()) {
      int star = pattern.indexOf('*');
      boolean folder = star < 0 && pattern.endsWith("/");
      String head = star >= 0 ? pattern.substring(0, star) : pattern;
      String tail = star >= 0 ? pattern.substring(star + 1) : "";
      boolean matches =
          (star >= 0 || folder)
              && key.startsWith(head)
              && key.endsWith(tail)
              && key.length() >= head.length() + tail.length();
      if (matches && isBetter(pattern, best)) {
        best = pattern;
      }
    }
    if (best.isEmpty()) {
      return List.of();
    }
    int star = best.indexOf('*');
    String rest =
        star < 0
            ? key.substring(best.length())
            : key.substring(star, key.length() - (best.length() - star - 1));
    List<String> targets = targets(table.path(best), rest, conditions);
    return star >= 0 ? targets : targets.stream().map(target -> target + rest).toList();
  }

  private static boolean isBetter(String pattern, String best) {
    int star = pattern.indexOf('*');
    int bestStar = best.indexOf('*');
    int length = star < 0 ? pattern.length() : star + 1;
    int bestLength = bestStar < 0 ? best.length() : bestStar + 1;
    return length != bestLength ? length > bestLength : pattern.length() > best.length();
  }

  /** PACKAGE_TARGET_RESOLVE, for every target that an array offers. */
  private static List<String> targets(JsonNode target, String rest, List<String> conditions) {
    var found = new ArrayList<String>();
    collect(target, rest, conditions, found, 0);
    return found;
  }

  /**
   * Collects targets.
   *
   * @return whether the target decides, so that later conditions do not count
   */
  private static boolean collect(
      JsonNode target, String rest, List<String> conditions, List<String> found, int depth) {
    if (depth > MAX_DEPTH || found.size() >= MAX_TARGETS) {
      return true;
    }
    if (target.isString()) {
      found.add(target.asString().replace("*", rest));
      return true;
    }
    if (target.isArray()) {
      boolean decided = false;
      for (JsonNode alternative : target) {
        decided |= collect(alternative, rest, conditions, found, depth + 1);
      }
      return decided;
    }
    if (target.isObject()) {
      for (Map.Entry<String, JsonNode> property : target.properties()) {
        boolean holds =
            conditions.contains(property.getKey()) || property.getKey().equals("default");
        if (holds && collect(property.getValue(), rest, conditions, found, depth + 1)) {
          return true;
        }
      }
      return false;
    }
    return target.isNull();
  }
}
