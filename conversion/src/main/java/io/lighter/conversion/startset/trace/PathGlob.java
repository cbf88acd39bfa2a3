package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Patterns of paths as shells and configuration files have them: {@code * ? [a-z]}. */
public final class PathGlob {

  private static final int MAX_FOUND = 10_000;

  private PathGlob() {}

  /** Whether a text has characters that stand for others. */
  public static boolean isPattern(String text) {
    return text.indexOf('*') >= 0 || text.indexOf('?') >= 0 || text.indexOf('[') >= 0;
  }

  /**
   * Regular files that match, in the order of their paths. A path without a pattern matches itself.
   */
  public static List<ImageFile> files(Start start, String pattern) {
    return found(start, pattern).values().stream().filter(ImageFile::isRegular).toList();
  }

  /**
   * Paths of whatever matches, as shells list them: spelled as the pattern is, links not followed.
   */
  public static List<String> paths(Start start, String pattern) {
    return List.copyOf(found(start, pattern).keySet());
  }

  private static Map<String, ImageFile> found(Start start, String pattern) {
    Map<String, ImageFile> found = new LinkedHashMap<>();
    boolean absolute = pattern.startsWith("/");
    start
        .image()
        .find(absolute ? "/" : start.workingDirectory())
        .ifPresent(directory -> found.put(absolute ? "/" : "", directory));
    for (String component : pattern.split("/+", -1)) {
      if (!component.isEmpty()) {
        Map<String, ImageFile> next = new LinkedHashMap<>();
        found.forEach((path, directory) -> below(start, path, directory, component, next));
        found.clear();
        found.putAll(next);
      }
    }
    return found;
  }

  private static void below(
      Start start,
      String path,
      ImageFile directory,
      String component,
      Map<String, ImageFile> found) {
    start.checkpoint();
    String begin = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    if (!isPattern(component)) {
      String name = unescaped(component);
      start.image().find(directory, name).ifPresent(file -> found.put(begin + name, file));
      return;
    }
    for (String name : directory.children().keySet()) {
      start.checkpoint();
      boolean hidden = name.startsWith(".") && !component.startsWith(".");
      if (!hidden && found.size() < MAX_FOUND && matches(component, name)) {
        start.image().find(directory, name).ifPresent(file -> found.put(begin + name, file));
      }
    }
  }

  /** Text with a backslash in front of everything that would stand for others. */
  public static String escaped(String text) {
    var escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '*' || c == '?' || c == '[' || c == '\\') {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return escaped.toString();
  }

  private static String unescaped(String component) {
    var plain = new StringBuilder(component.length());
    for (int i = 0; i < component.length(); i++) {
      boolean escape = component.charAt(i) == '\\' && i + 1 < component.length();
      plain.append(component.charAt(escape ? ++i : i));
    }
    return plain.toString();
  }

  /**
   * Whether a whole text matches. Takes time proportional to the product of both lengths at most.
   */
  public static boolean matches(String pattern, String text) {
    int p = 0;
    int t = 0;
    int star = -1;
    int mark = 0;
    while (t < text.length()) {
      int width = p < pattern.length() ? width(pattern, p) : 0;
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        mark = t;
      } else if (width > 0 && one(pattern, p, width, text.charAt(t))) {
        p += width;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++mark;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /** Length of the part of a pattern that stands for one character. */
  private static int width(String pattern, int at) {
    char c = pattern.charAt(at);
    if (c == '\\' && at + 1 < pattern.length()) {
      return 2;
    }
    // A bracket that comes first in brackets stands for itself.
    int first = at + (isNegated(pattern, at) ? 3 : 2);
    int close = c == '[' ? pattern.indexOf(']', first) : -1;
    return close > 0 ? close + 1 - at : 1;
  }

  private static boolean isNegated(String pattern, int at) {
    return at + 1 < pattern.length()
        && (pattern.charAt(at + 1) == '!' || pattern.charAt(at + 1) == '^');
  }

  private static boolean one(String pattern, int at, int width, char c) {
    char first = pattern.charAt(at);
    if (width == 1) {
      return first == '?' || first == c;
    }
    if (first == '\\') {
      return pattern.charAt(at + 1) == c;
    }
    boolean negated = isNegated(pattern, at);
    boolean in = false;
    int end = at + width - 1;
    for (int i = at + (negated ? 2 : 1); i < end; i++) {
      if (i + 2 < end && pattern.charAt(i + 1) == '-') {
        in |= pattern.charAt(i) <= c && c <= pattern.charAt(i + 2);
        i += 2;
      } else {
        in |= pattern.charAt(i) == c;
      }
    }
    return in != negated;
  }
}
