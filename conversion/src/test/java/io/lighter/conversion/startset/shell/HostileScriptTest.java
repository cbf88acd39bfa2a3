package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.trace.AnalysisLimits;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that were made to keep the analysis busy, or to break it. */
@Timeout(60)
class HostileScriptTest {

  private static final int MUTATIONS = 4_000;

  private static final AnalysisLimits SHORT =
      new AnalysisLimits(Duration.ofSeconds(2), 64 << 20, 10_000, 1 << 20);

  private final ShellImage image = new ShellImage().programs("a", "b", "find", "sort", "id", "cat");

  /** Runs a script on a thread of the usual stack, and returns what ended it other than its end. */
  private @Nullable Throwable run(String script) throws InterruptedException {
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread thread =
        new Thread(() -> {
          try {
            image.executed(SHORT, "bash", "-c", script);
          } catch (Throwable e) {
            failure.set(e);
          }
        });
    thread.start();
    thread.join();
    return failure.get();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "{ ",
        "$(",
        "`",
        "${x:-",
        "\"$(",
        "if true; then ",
        "while true; do ",
        "$((",
        "[[ ( ",
        "case x in x) ",
        "f() { ",
        "x=(",
        "! ",
        "a | ",
        "a && ",
        "<(",
        "a <<E\n",
        "(( ",
        "eval '",
        "\"",
        "'",
        "\\",
        "$'",
        "${",
        "${!",
        "${#",
        "; ",
        "\u00ff",
        "\uffff",
        "f() { f; }; f; ",
      })
  void run_sameTextAgainAndAgain_ends(String text) throws InterruptedException {
    assertThat(run(text.repeat(100))).isNull();
    assertThat(run(text.repeat((200 << 10) / text.length()))).isNull();
    assertThat(run(text.repeat(30) + "a")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while :; do x=$x.; a $x; done",
        "for a in 1 2 3 4 5 6 7 8 9 0; do for b in 1 2 3 4 5 6 7 8 9 0; do for c in 1 2 3 4 5 6 7 8"
            + " 9 0; do for d in 1 2 3 4 5 6 7 8 9 0; do for e in 1 2 3 4 5 6 7 8 9 0; do a"
            + " $a$b$c$d$e; done; done; done; done; done",
        "f() { if $RANDOM; then f; else f; fi; f; }; f",
        "f() { x=\"$x$(f)\"; echo $x; }; f",
        "bash -c \"$0\" x; exec bash -c 'exec \"$0\" \"$@\" x' bash \"$@\"",
        "x='eval \"$x$x\"'; eval \"$x\"",
        "x=abcdefghijklmnop; x=$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x; echo ${x//*a*b*c*/y} ${x##*z*z*z}",
        "set -- / / / / / / / /; while :; do set -- \"$@\" \"$@\"; done",
        "find / -type f -exec a {} \\; ; find / | while read -r f; do find / | while read -r g; do a"
            + " $f $g; done; done",
        "cd /*/../*/../*/../*/../*/../*/..; a /*/*/*/*/*/*/*/* /*/../*/../*/../*/../*/../*/../*/..",
        "a $((((((((((((((((((((((((((((1)))))))))))))))))))))))))))) $((1/0)) $((9999999999999999999))",
      })
  void run_workWithoutEnd_isBounded(String script) throws InterruptedException {
    image.file("/etc/x", "").file("/var/y", "").file("/opt/z", "");

    assertThat(run(script)).isNull();
  }

  @Test
  void run_manyVariablesAndBranches_isBounded() throws InterruptedException {
    var script = new StringBuilder();
    for (int i = 0; i < 5_000; i++) {
      script.append("v").append(i).append("=1; grep && x=1; ");
    }

    assertThat(run(script.toString())).isNull();
  }

  @Test
  void run_scriptsThatExecuteEachOtherFromDeepInside_needNoLargerStack()
      throws InterruptedException {
    image.program("grep");
    for (int i = 0; i < 20; i++) {
      String next = "\"$(/s%d)\"".formatted((i + 1) % 20);
      image.script(
          "/s" + i,
          "#!/bin/bash\nf() { "
              + "if grep; then { a | ".repeat(5)
              + "eval 'f; x=%s'".formatted(next)
              + "; }; fi".repeat(5)
              + "; }\nf\n");
    }

    assertThat(run("/s0")).isNull();
    assertThat(image.paths()).contains("/s0", "/s1", "/s7");
  }

  @Test
  void run_mutatedScripts_endsWithoutAnException() throws InterruptedException {
    var random = new Random(7);
    List<String> seeds = List.of(EntryPoints.NGINX, EntryPoints.DATABASE, EntryPoints.JAVA);
    String signs = "\"'`$(){}[]|&;<>#*?=\\\n !~-:/%@\u0000\u00e9\uffff";
    for (int i = 0; i < MUTATIONS; i++) {
      var text = new StringBuilder(seeds.get(i % seeds.size()));
      int changes = 1 + random.nextInt(6);
      for (int change = 0; change < changes; change++) {
        int at = random.nextInt(text.length());
        char sign = signs.charAt(random.nextInt(signs.length()));
        switch (random.nextInt(4)) {
          case 0 -> text.setCharAt(at, sign);
          case 1 -> text.insert(at, sign);
          case 2 -> text.delete(at, Math.min(text.length() - 1, at + random.nextInt(40)));
          default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 60)));
        }
      }
      String script = text.toString();
      try {
        Command command = ScriptParser.parse(script);
        assertThat(command).isNotNull();
      } catch (ShellSyntaxException _) {
        // The one result that is allowed beside a tree.
      }
      if (i % 20 == 0) {
        assertThat(run(script)).as(script).isNull();
      }
    }
  }
}
