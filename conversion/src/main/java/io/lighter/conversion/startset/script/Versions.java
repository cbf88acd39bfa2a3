package io.lighter.conversion.startset.script;

/** Names that end with a version: {@code rack-protection-3.0.5}. */
final class Versions {

  private Versions() {}

  /** The name in front of the last hyphen that a digit follows. */
  static String withoutVersion(String name) {
    for (int i = name.length() - 2; i > 0; i--) {
      if (name.charAt(i) == '-' && Character.isDigit(name.charAt(i + 1))) {
        return name.substring(0, i);
      }
    }
    return name;
  }

  /** Compares names, numbers in them by value. */
  static int compare(String one, String other) {
    int i = 0;
    int k = 0;
    while (i < one.length() && k < other.length()) {
      int endOne = end(one, i);
      int endOther = end(other, k);
      String a = one.substring(i, endOne);
      String b = other.substring(k, endOther);
      boolean numbers = Character.isDigit(a.charAt(0)) && Character.isDigit(b.charAt(0));
      boolean byLength = numbers && a.length() != b.length();
      int order = byLength ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
      if (order != 0) {
        return order;
      }
      i = endOne;
      k = endOther;
    }
    return Integer.compare(one.length() - i, other.length() - k);
  }

  private static int end(String text, int begin) {
    boolean digits = Character.isDigit(text.charAt(begin));
    int end = begin + 1;
    while (end < text.length() && Character.isDigit(text.charAt(end)) == digits) {
      end++;
    }
    return end;
  }
}
