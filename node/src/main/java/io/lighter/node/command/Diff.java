package io.lighter.node.command;

import io.lighter.node.change.NodeChanges.Difference;
import io.lighter.node.plan.DesiredFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What would change, line by line, for people. */
final class Diff {
  private Diff() {}

  static String of(List<Difference> differences) {
    var text = new StringBuilder();
    differences.forEach(difference -> text.append(of(difference)));
    return text.toString();
  }

  private static String of(Difference difference) {
    var text = new StringBuilder();
    boolean binary = difference.wanted().filter(DesiredFile::isProgram).isPresent();
    text.append("--- ").append(difference.now().isPresent() ? difference.path() : "/dev/null");
    text.append("\n+++ ")
        .append(difference.wanted().isPresent() ? difference.path() : "(what was there before)")
        .append('\n');
    if (difference.wanted().isEmpty()) {
      return text.toString();
    }
    if (binary) {
      return text + "(a program of " + difference.wanted().get().content().length + " bytes)\n";
    }
    List<String> now =
        difference.now().stream()
            .flatMap(bytes -> new String(bytes, StandardCharsets.UTF_8).lines())
            .toList();
    List<String> wanted = difference.wanted().get().text().lines().toList();
    edits(now, wanted).forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  // The longest common subsequence; configuration files are short enough for the whole table.
  static List<String> edits(List<String> now, List<String> wanted) {
    int[][] common = new int[now.size() + 1][wanted.size() + 1];
    for (int i = now.size() - 1; i >= 0; i--) {
      for (int j = wanted.size() - 1; j >= 0; j--) {
        common[i][j] =
            now.get(i).equals(wanted.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    var lines = new ArrayList<String>();
    int i = 0;
    int j = 0;
    while (i < now.size() || j < wanted.size()) {
      if (i < now.size() && j < wanted.size() && now.get(i).equals(wanted.get(j))) {
        lines.add(" " + now.get(i++));
        j++;
      } else if (i < now.size() && (j == wanted.size() || common[i + 1][j] >= common[i][j + 1])) {
        lines.add("-" + now.get(i++));
      } else {
        lines.add("+" + wanted.get(j++));
      }
    }
    return lines;
  }
}
