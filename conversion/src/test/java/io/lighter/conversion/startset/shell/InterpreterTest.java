package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands of scripts, one rule a test. */
class InterpreterTest {

  private final ShellImage image =
      new ShellImage()
          .programs("a", "b", "c", "server", "grep", "find", "sort", "mkdir", "dirname");

  @Test
  void run_unknownCondition_goesBothWaysLessSurely() {
    assertThat(image.run("if grep -q x /f; then a; else b; fi; c"))
        .containsExactly("grep -q x /f", "a", "b", "c");
    assertThat(image.certainty("/bin/a")).isEqualTo("LIKELY");
    assertThat(image.certainty("/bin/b")).isEqualTo("LIKELY");
    assertThat(image.certainty("/bin/c")).isEqualTo("CERTAIN");
  }

  @Test
  void run_unknownInUnknown_isPossible() {
    image.run("if grep x; then if grep y; then a; fi; fi");

    assertThat(image.certainty("/bin/a")).isEqualTo("POSSIBLE");
  }

  @Test
  void run_whatDiffersAfterAnUnknownCondition_isUnknown() {
    assertThat(image.run("x=1 y=1; if grep x; then x=2; fi; a $x $y"))
        .containsExactly("grep x", "a 1");
    assertThat(image.run("set -- server -p; if grep x; then set -- \"$@\" -q; fi; exec \"$@\""))
        .containsExactly("grep x", "server -p");
  }

  @Test
  void run_unknownBranchThatEnds_leavesTheRestAsItWas() {
    assertThat(image.run("x=1; if grep x; then x=2; exec a; fi; b $x"))
        .containsExactly("grep x", "a", "b 1");
    assertThat(image.certainty("/bin/b")).isEqualTo("LIKELY");
  }

  @Test
  void run_afterExec_nothingIs() {
    assertThat(image.run("exec a; b")).containsExactly("a");
    assertThat(image.run("a; exit 0; b")).containsExactly("a");
    assertThat(image.run("(exec a); b")).containsExactly("a", "b");
  }

  @Test
  void run_scriptThatRefusesToStart_goesOnAsIfItHadWhatItMisses() {
    assertThat(image.run("if [ -z \"$PASSWORD\" ]; then a; exit 1; fi; b"))
        .containsExactly("a", "b");
    assertThat(image.certainty("/bin/b")).isEqualTo("LIKELY");
    assertThat(image.run("die() { exit 1; }; [ -d /data ] || die no; b")).containsExactly("b");
    assertThat(image.run("if [ -f /conf ]; then exec b; else exit 3; fi")).containsExactly("b");
    assertThat(image.run("exit 1; b")).isEmpty();
  }

  @Test
  void run_case_runsOneItem() {
    assertThat(image.run("case $0 in x|bash) a;; *) b;; esac")).containsExactly("a");
    assertThat(image.run("case x in x) a;& y) b;; *) c; esac")).containsExactly("a", "b");
    assertThat(image.run("case $HOSTNAME in x) a;; y) b;; z) c;; esac"))
        .containsExactly("a", "b", "c");
    assertThat(image.certainty("/bin/a")).isEqualTo("POSSIBLE");
  }

  @Test
  void run_loops_iterateOverWhatIsKnown() {
    assertThat(image.run("for i in 1 2; do a $i; done; b $i")).containsExactly("a 1", "a 2", "b 2");
    assertThat(image.run("set -- x y; for i; do a $i; done")).containsExactly("a x", "a y");
    assertThat(image.run("i=0; while [ $i -lt 3 ]; do i=$((i+1)); a $i; done"))
        .containsExactly("a 1", "a 2", "a 3");
    assertThat(
            image.run("for i in 1 2 3; do [ $i = 2 ] && continue; [ $i = 3 ] && break; a $i; done"))
        .containsExactly("a 1");
    assertThat(image.run("until grep x; do a; done; b")).containsExactly("grep x", "a", "b");
    assertThat(image.run("while true; do a; done; b")).containsExactly("a", "b");
    assertThat(image.run("for ((i=0; i<3; i++)); do a $i; done")).containsExactly("a");
    assertThat(
            image.run(
                "while [ $# -gt 0 ]; do case \"$1\" in -x) shift;; *) a $1;; esac; shift; done"))
        .isEmpty();
    assertThat(
            image.run(
                "set -- -x 1 y; while [ $# -gt 0 ]; do case \"$1\" in -x) shift;; *) a $1;; esac;"
                    + " shift; done"))
        .containsExactly("a y");
  }

  @Test
  void run_functions_haveParametersAndLocals() {
    assertThat(image.run("f() { local x=2; a $x $1 $#; return 1; b; }; x=1; f p q || c $x"))
        .containsExactly("a 2 p 2", "c 1");
    assertThat(image.run("function f { a; } ; function g() { f; }; g")).containsExactly("a");
    assertThat(image.run("f() ( x=2 ); x=1; f; a $x")).containsExactly("a 1");
  }

  @Test
  void run_exportedVariables_areSeenByPrograms() {
    image.environment("FROM", "image");
    image.run("export A=1; B=2; C=3 a; declare -x D=4; unset FROM; E=5; export E; b");

    Map<String, String> first = image.start(0).environment();
    assertThat(first)
        .containsEntry("A", "1")
        .containsEntry("C", "3")
        .containsEntry("FROM", "image");
    assertThat(first).doesNotContainKey("B");
    assertThat(image.start(1).environment())
        .containsEntry("D", "4")
        .containsEntry("E", "5")
        .doesNotContainKeys("C", "FROM");
  }

  @Test
  void run_unknownPartsOfExportedVariables_areLeftOut() {
    image.run("export PATH=\"$HOSTNAME/bin:$PATH\" O=\"-a -b$HOSTNAME -c\" N=$HOSTNAME; a");

    assertThat(image.start(0).environment())
        .containsEntry("PATH", "/usr/bin:/bin")
        .containsEntry("O", "-a -c")
        .doesNotContainKey("N");
  }

  @Test
  void run_changeOfDirectory_isWhereProgramsRun() {
    image.directory("/srv/app").workingDirectory("/srv");

    image.run("cd app; a; cd ..; b; cd /none; c; (cd /srv/app); server $PWD");
    assertThat(image.start(0).workingDirectory()).isEqualTo("/srv/app");
    assertThat(image.start(1).workingDirectory()).isEqualTo("/srv");
    assertThat(image.start(2).workingDirectory()).isEqualTo("/srv");
    assertThat(image.run("cd $(dirname /srv/app/x) && a $(pwd)")).contains("a /srv/app");
  }

  @Test
  void run_sourcedFile_isReadAndChangesTheShell() {
    image.file("/lib.sh", "x=5\nf() { a $x $1; }\nreturn 0\nb\n");

    assertThat(image.run(". /lib.sh; f 1; source /lib.sh arg; [ -r /none ] && . /none; c"))
        .containsExactly("a 5 1", "c");
    assertThat(image.paths()).contains("/lib.sh");
  }

  @Test
  void run_fileThatSourcesItself_ends() {
    image.file("/loop.sh", "a\n. /loop.sh\n");

    assertThat(image.run(". /loop.sh; b")).containsExactly("a", "b");
    assertThat(image.unresolved()).contains("bash");
  }

  @Test
  void run_functionThatCallsItself_ends() {
    assertThat(image.run("f() { a; f | f; f; }; f; b")).containsExactly("a", "b");
  }

  @Test
  void run_evalAndCommand_areRun() {
    assertThat(
            image.run(
                "x='a 1; b'; eval \"$x\" 2; command c; builtin echo; eval \"server $(echo q)\""))
        .containsExactly("a 1", "b 2", "c", "server q");
  }

  @Test
  void run_findIntoALoop_isFollowedOverTheImage() {
    image
        .script("/docker-entrypoint.d/20-b.sh", "#!/bin/sh\nb\n")
        .script("/docker-entrypoint.d/10-a.sh", "#!/bin/sh\na\n")
        .file("/docker-entrypoint.d/15-env.envsh", "export X=1\n")
        .file("/docker-entrypoint.d/readme", "");

    assertThat(
            image.run(
                """
                if find "/docker-entrypoint.d/" -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null | read v; then
                  find "/docker-entrypoint.d/" -follow -type f -print | sort -V | while read -r f; do
                    case "$f" in
                      *.envsh) . "$f" ;;
                      *.sh) if [ -x "$f" ]; then "$f"; fi ;;
                      *) ;;
                    esac
                  done
                else
                  c
                fi
                """))
        .containsSubsequence("sort -V", "a", "b")
        .doesNotContain("c");
    assertThat(image.certainty("/docker-entrypoint.d/15-env.envsh")).isEqualTo("CERTAIN");
    assertThat(image.certainty("/bin/a")).isEqualTo("CERTAIN");
    assertThat(image.paths()).doesNotContain("/docker-entrypoint.d/readme");
  }

  @Test
  void run_findThatExecutes_executesForWhatItFinds() {
    image.file("/d/x.conf", "").file("/d/y.txt", "");

    assertThat(image.run("find /d -name '*.conf' -type f -exec a {} \\;")).contains("a /d/x.conf");
    assertThat(image.run("find /d ! -user redis -exec b '{}' +")).contains("b /d");
    assertThat(image.certainty("/bin/b")).isEqualTo("POSSIBLE");
  }

  @Test
  void run_runParts_executesWhatIsInTheDirectory() {
    image
        .program("run-parts")
        .script("/etc/start.d/1", "#!/bin/sh\na\n")
        .script("/etc/start.d/2~", "#!/bin/sh\nb\n");

    assertThat(image.run("run-parts /etc/start.d")).containsExactly("run-parts /etc/start.d", "a");
  }

  @Test
  void run_globLoop_isOverTheImagesFiles() {
    image.file("/d/2.sh", "b\n").file("/d/1.sh", "a\n");

    assertThat(
            image.run(
                "for f in /d/*.sh; do . \"$f\"; done; for f in /none/*; do [ -e $f ] && c; done"))
        .containsExactly("a", "b");
  }

  @Test
  void run_fileWithoutInterpreter_isRunByTheShell() {
    image.script("/plain", "a \"$1\"\n");

    assertThat(image.run("/plain x")).containsExactly("a x");
  }

  @Test
  void run_redirections_areReadAndWritten() {
    image.file("/in", "q\n");

    assertThat(image.run("a < /in > /out 2>&1; exec 3</in >/log; b; [ -f /out ] && c"))
        .containsExactly("a", "b", "c");
    assertThat(image.paths()).contains("/in");
    assertThat(image.certainty("/bin/c")).isEqualTo("LIKELY");
    assertThat(image.run("mapfile -t l < <(echo x; echo y); a \"${l[1]}\"")).containsExactly("a y");
  }

  @Test
  void run_wrapperWithUnknownUser_stillExecutes() {
    image.program("gosu");

    assertThat(image.run("exec gosu \"$HOSTNAME\" server $RANDOM")).containsExactly("server");
    assertThat(image.start(0).isRoot()).isFalse();
  }

  @Test
  void run_background_isExecutedToo() {
    assertThat(image.run("a & b && c & wait; server")).containsExactly("a", "b", "c", "server");
  }

  @Test
  void run_options_areLeftOutWhereTheyAreNotKnown() {
    assertThat(
            image.run(
                "set -- -p 1 server x; while getopts p: o; do case $o in p) a;; esac; done; shift"
                    + " $((OPTIND-1)); exec server \"$@\""))
        .contains("a");
  }

  @Test
  void run_textOfEveryForm_isParsed() {
    assertThat(
            image.run(
                """
                #!/bin/bash
                set -Eeuo pipefail
                shopt -s nullglob
                _is() { [ "${1:0:1}" = '-' ] && { echo yes ; return 0; } ; }
                declare -A map=( [a]=1 [b]="2" )
                arr[1]=x
                if [[ $0 == bash && ! ( -z "$PATH" ) ]] ; then
                  for x in "a" \\
                           'b' ; do
                    case "$x" in
                      (a) "$x" 2>/dev/null || : ;;
                      b ) b ;;
                    esac
                  done
                elif ! { false; }; then c
                fi >&2 </dev/null
                time ( c ) |& cat
                function g-h () { server; } 2>/dev/null
                [ -t 0 ] && echo t || g-h
                trap 'exit 1' INT TERM
                x=`echo \\`echo nested\\``
                y="${x:+"quoted } brace"}"
                (( n = 3, n++ )) || true
                echo "$(case x in x) echo "a)";; esac)"
                """))
        .containsExactly("a", "b", "c", "server");
    assertThat(image.unresolved()).noneMatch(what -> what.equals("bash"));
  }
}
