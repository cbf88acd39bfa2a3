package io.lighter.conversion.startset.script;

import java.util.ArrayList;
import java.util.List;

/**
 * Ruby's command line, with {@code RUBYOPT} in front of it.
 *
 * @param directories what {@code -I} adds
 * @param required what {@code -r} requires
 * @param source text of {@code -e}; empty if there is none
 * @param gems whether RubyGems is loaded
 * @param arguments the script and its arguments
 */
record RubyOptions(
    List<String> directories,
    List<String> required,
    String source,
    boolean gems,
    List<String> arguments) {

  static RubyOptions parse(String variable, List<String> arguments) {
    var all = new ArrayList<String>();
    if (!variable.isBlank()) {
      all.addAll(List.of(variable.strip().split("[ \t]+")));
    }
    all.addAll(arguments);
    var directories = new ArrayList<String>();
    var required = new ArrayList<String>();
    var source = new StringBuilder();
    boolean gems = true;
    int i = 0;
    while (i < all.size() && all.get(i).startsWith("-")) {
      String option = all.get(i++);
      if (option.equals("--")) {
        break;
      }
      String letter = option.length() > 1 ? option.substring(0, 2) : "";
      String value = option.length() > 2 ? option.substring(2) : "";
      boolean separate = value.isEmpty() && List.of("-I", "-r", "-e", "-C", "-E").contains(letter);
      if (separate && i < all.size()) {
        value = all.get(i++);
      }
      switch (letter) {
        case "-I" -> directories.addAll(List.of(value.split(":", -1)));
        case "-r" -> required.add(value);
        case "-e" -> source.append(value).append('\n');
        default -> gems &= !option.equals("--disable-gems") && !option.equals("--disable=gems");
      }
    }
    return new RubyOptions(
        List.copyOf(directories),
        List.copyOf(required),
        source.toString(),
        gems,
        List.copyOf(all.subList(i, all.size())));
  }
}
