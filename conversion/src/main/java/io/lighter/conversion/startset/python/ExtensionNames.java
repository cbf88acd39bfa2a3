package io.lighter.conversion.startset.python;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Names in the data of an extension module that can be names of modules: extension modules import
 * by string.
 */
final class ExtensionNames {

  private static final int MIN_LENGTH = 3;
  private static final int MAX_LENGTH = 80;

  private final Set<String> wanted;
  private final Set<Integer> hashes = new HashSet<>();

  /**
   * Looks for some names.
   *
   * @param wanted names without dots; all with dots are taken
   */
  ExtensionNames(Collection<String> wanted) {
    this.wanted = Set.copyOf(wanted);
    this.wanted.forEach(name -> hashes.add(name.hashCode()));
  }

  /** The names, in the order in which they stand there, each once. */
  Set<String> in(byte[] object) {
    var names = new LinkedHashSet<String>();
    int begin = 0;
    int hash = 0;
    int dots = 0;
    for (int i = 0; i < object.length; i++) {
      byte b = object[i];
      if (isPart(b)) {
        hash = 31 * hash + b;
        dots += b == '.' ? 1 : 0;
        continue;
      }
      int length = i - begin;
      boolean alone = b == 0 && length >= MIN_LENGTH && length <= MAX_LENGTH;
      if (alone && (dots > 0 || hashes.contains(hash))) {
        String name = new String(object, begin, length, StandardCharsets.ISO_8859_1);
        if (dots > 0 ? isModuleName(name) : wanted.contains(name)) {
          names.add(name);
        }
      }
      // Only what follows a zero byte is a whole string.
      while (i < object.length && object[i] != 0) {
        i++;
      }
      begin = i + 1;
      hash = 0;
      dots = 0;
    }
    return names;
  }

  private static boolean isModuleName(String name) {
    return name.charAt(0) != '.' && !name.endsWith(".") && !name.contains("..");
  }

  private static boolean isPart(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '_'
        || b == '.';
  }
}
