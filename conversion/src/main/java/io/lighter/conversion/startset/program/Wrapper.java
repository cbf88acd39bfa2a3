package io.lighter.conversion.startset.program;

import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Reason;
import io.lighter.conversion.startset.trace.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Programs that execute the command in their arguments: init processes, changes of user, of
 * environment or of limits.
 */
public final class Wrapper implements ProgramKind {

  /**
   * How a wrapper's arguments are read.
   *
   * @param withValue options whose value is the next argument
   * @param operands how many arguments stand between the options and the command
   * @param assignments whether {@code NAME=value} may stand in front of the command
   */
  private record Syntax(Set<String> withValue, int operands, boolean assignments) {}

  private static final Syntax PLAIN = new Syntax(Set.of(), 0, false);
  private static final Syntax ONE_OPERAND = new Syntax(Set.of(), 1, false);

  private static final Map<String, Syntax> KNOWN =
      Map.ofEntries(
          Map.entry("env", new Syntax(Set.of("-u", "--unset", "-C", "--chdir"), 0, true)),
          Map.entry("tini", new Syntax(Set.of("-p", "-e"), 0, false)),
          Map.entry("tini-static", new Syntax(Set.of("-p", "-e"), 0, false)),
          Map.entry("docker-init", new Syntax(Set.of("-p", "-e"), 0, false)),
          Map.entry("dumb-init", new Syntax(Set.of("-r", "--rewrite"), 0, false)),
          Map.entry("catatonit", PLAIN),
          Map.entry("gosu", ONE_OPERAND),
          Map.entry("su-exec", ONE_OPERAND),
          Map.entry("setpriv", PLAIN),
          Map.entry("chroot", ONE_OPERAND),
          Map.entry("nice", new Syntax(Set.of("-n", "--adjustment"), 0, false)),
          Map.entry("ionice", new Syntax(Set.of("-c", "-n"), 0, false)),
          Map.entry("nohup", PLAIN),
          Map.entry("setsid", PLAIN),
          Map.entry("stdbuf", new Syntax(Set.of("-i", "-o", "-e"), 0, false)),
          Map.entry("timeout", new Syntax(Set.of("-k", "-s"), 1, false)),
          Map.entry("time", new Syntax(Set.of("-f", "-o"), 0, false)),
          Map.entry("chpst", new Syntax(Set.of("-u", "-U", "-e", "-/", "-n"), 0, false)),
          Map.entry("s6-setuidgid", ONE_OPERAND),
          Map.entry("runuser", new Syntax(Set.of("-u", "-g", "-G"), 0, false)),
          Map.entry("sudo", new Syntax(Set.of("-u", "-g", "-h", "-p"), 0, true)),
          Map.entry("numactl", PLAIN),
          Map.entry("xargs", new Syntax(Set.of("-n", "-P", "-I", "-d", "-L"), 0, false)));

  @Override
  public boolean runs(Invocation invocation) {
    return KNOWN.containsKey(invocation.name());
  }

  @Override
  public void follow(Invocation invocation, Start start) {
    Syntax syntax = KNOWN.getOrDefault(invocation.name(), PLAIN);
    var words = new ArrayList<>(invocation.arguments());
    Map<String, String> variables = new HashMap<>();
    Start inner = start;
    int operands = syntax.operands();
    int at = 0;
    boolean options = true;
    for (; at < words.size(); at++) {
      String word = words.get(at);
      if (options && word.equals("--")) {
        options = false;
      } else if (options && isSplit(word, invocation)) {
        words.addAll(at + 1, split(word, words, at));
      } else if (options && word.startsWith("-") && word.length() > 1) {
        if (syntax.withValue().contains(word)) {
          at++;
          if (word.equals("-C") || word.equals("--chdir")) {
            inner = at < words.size() ? inner.in(words.get(at)) : inner;
          }
        } else if (word.startsWith("--chdir=")) {
          inner = inner.in(word.substring("--chdir=".length()));
        }
      } else if (syntax.assignments() && word.indexOf('=') > 0) {
        variables.put(word.substring(0, word.indexOf('=')), word.substring(word.indexOf('=') + 1));
      } else if (operands-- <= 0) {
        break;
      } else {
        options = false;
      }
    }
    List<String> command = words.subList(Math.min(at, words.size()), words.size());
    inner.with(variables).execute(command, Reason.certain("executed by " + invocation.path()));
  }

  /** {@code env -S 'a b'}: one argument that holds several, as lines of scripts need it. */
  private static boolean isSplit(String word, Invocation invocation) {
    return invocation.name().equals("env")
        && (word.startsWith("-S") || word.startsWith("--split-string"));
  }

  private static List<String> split(String word, List<String> words, int at) {
    String text = word.replaceFirst("^(-S|--split-string=?)", "").strip();
    if (text.isEmpty() && at + 1 < words.size()) {
      text = words.remove(at + 1).strip();
    }
    return text.isEmpty() ? List.of() : List.of(text.split("[ \t]+"));
  }
}
