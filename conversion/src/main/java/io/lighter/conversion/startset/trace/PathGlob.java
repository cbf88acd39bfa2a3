package io.lighter.conversion.startset.trace;

import io.lighter.conversion.startset.image.ImageFile;
import java.util.ArrayList;
import java.util.List;

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
    List<ImageFile> found = List.of(start.image().root());
    for (String component : start.absolute(pattern).split("/", -1)) {
      var next = new ArrayList<ImageFile>();
      for (ImageFile directory : found) {
        start.checkpoint();
        if (!isPattern(component)) {
          start.image().find(directory, component).ifPresent(next::add);
          continue;
        }
        for (String name : directory.children().keySet()) {
          boolean hidden = name.startsWith(".") && !component.startsWith(".");
          if (!hidden && matches(component, name) && next.size() < MAX_FOUND) {
            start.image().find(directory, name).ifPresent(next::add);
          }
        }
      }
      found = next;
    }
    return found.stream().filter(ImageFile::isRegular).toList();
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
    int close = c == '[' ? pattern.indexOf(']', at + 2) : -1;
    return close > 0 ? close + 1 - at : 1;
  }

  private static boolean one(String pattern, int at, int width, char c) {
    char first = pattern.charAt(at);
    if (width == 1) {
      return first == '?' || first == c;
    }
    if (first == '\\') {
      return pattern.charAt(at + 1) == c;
    }
    boolean negated = pattern.charAt(at + 1) == '!' || pattern.charAt(at + 1) == '^';
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
