package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each test runs {@code p WORDS} and looks at the words that the program got. */
class ExpansionTest {

  private final ShellImage image = new ShellImage().programs("p", "dirname", "basename", "cat");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "x=abc; p $x ${x}d \"$x\" '$x' | p abc abcd abc $x",
        "p ${x:-d} ${x-e} \"${x:-f g}\" | p d e f g",
        "x=; p [${x:-d}] [${x-e}] | p [d] []",
        "p ${x:=d} $x | p d d",
        "x=1; p ${x:+y} ${z:+n} | p y",
        "x=a/b/c.tar.gz; p ${x#*/} ${x##*/} ${x%.*} ${x%%.*} | p b/c.tar.gz c.tar.gz a/b/c.tar a/b/c",
        "x='-v'; p ${x#-} ${#x} | p v 2",
        "x=a.b.c; p ${x/./_} ${x//./_} ${x/#a/A} ${x/%c/C} ${x//./} | p a_b.c a_b_c A.b.c a.b.C abc",
        "x=y; y=z; p ${!x} | p z",
        "x=abcdef; p ${x:1:2} ${x:4} ${x: -2} ${x:0:1} | p bc ef ef a",
        "x=Ab; p ${x^^} ${x,,} | p AB ab",
        "x='a*b'; p ${x%\"*\"*} | p a",
        "set -- a 'b c'; p $# \"$@\" $1 \"$*\" \"x$@y\" | p 2 a b c a a b c xa b cy",
        "set -- a b c; shift; p $1 ${@:2} | p b c",
        "p ${10} $(( (2 + 3) * 4 % 7 )) $((1<2 && 3>4)) | p 6 0",
        "n=3; p $((n + 1)) $(($n*2)) | p 4 6",
        "p $(echo a b) `echo c` \"$(echo 'd  e')\" | p a b c d  e",
        "p $(dirname /a/b/c) $(basename /a/b.sh .sh) $(printf '%s-%s' 1 2) | p /a/b b 1-2",
        "p $'a\\tb' \"a\\$b\" a\\ b | p a\tb a$b a b",
        "a=(1 '2 3'); a+=(4); p \"${a[@]}\" ${#a[@]} ${a[1]} $a | p 1 2 3 4 3 2 3 1",
        "x=a; x+=b; p $x | p ab",
        "IFS=,; x=1,2; p $x \"$x\" | p 1 2 1,2",
        "a=1 b=$a; p $a $b | p 1 1",
        "export a=1 b='2 3'; p \"$b\" | p 2 3",
        "p ~ ~/x a~ | p /root /root/x a~",
        "p \"${x:-\"a b\"}\" ${x:-'c d'} | p a b c d",
        "p $(x=$(echo $(echo deep)); echo $x) | p deep",
        "p a#b # comment | p a#b",
        "read a b <<< 'one two three'; p $a \"$b\" | p one two three",
        "case $(uname) in *) p $(echo $((1+1))) ;; esac | p 2",
      })
  void words_ofEachRule_areAsTheShellMakesThem(String script, String expected) {
    List<String> executed = image.run(script);

    assertThat(executed).last().isEqualTo(expected.strip());
  }

  @Test
  void words_quotedList_staySeveralAndEmptyOnesStay() {
    image.script("/count.sh", "#!/bin/sh\np $#\n");

    assertThat(image.run("set -- 'a b' '' c; /count.sh \"$@\"; /count.sh $@; /count.sh \"$*\""))
        .containsExactly("p 3", "p 1")
        .doesNotContain("p 4");
  }

  @Test
  void words_pattern_isThePathsOfTheImage() {
    image.file("/d/b.sh", "").file("/d/a.sh", "").file("/d/.hidden.sh", "").file("/d/c.txt", "");

    assertThat(image.run("p /d/*.sh; p '/d/*.sh' /none/*; cd /d; p *.txt [ab].sh"))
        .containsExactly("p /d/a.sh /d/b.sh", "p /d/*.sh /none/*", "p c.txt a.sh b.sh");
  }

  @Test
  void words_ofUnknownParts_areLeftOutOfACommand() {
    assertThat(image.run("p -a \"$HOSTNAME\" -b=$HOSTNAME $RANDOM ${HOSTNAME:-x} -c"))
        .containsExactly("p -a -c");
  }

  @Test
  void words_unknownProgram_isUnresolved() {
    assertThat(image.run("$RANDOM a")).isEmpty();
    assertThat(image.unresolved()).anyMatch(what -> what.startsWith("a command of"));
  }

  @Test
  void words_hereDocument_isTheInputOfWhatReads() {
    assertThat(
            image.run(
                """
                x=1
                cat <<EOF | while read -r l; do p "$l"; done
                a $x
                b
                EOF
                while read -r l; do p "$l"; done <<-'END'
                \tc $x
                \tEND
                """))
        .containsExactly("cat", "p a 1", "p b", "p c $x");
  }

  @Test
  void words_contentOfAFile_isKnown() {
    image.file("/etc/version", "1.2\n");

    assertThat(
            image.run(
                "p $(cat /etc/version); p $(< /etc/version); read -r v < /etc/version; p v$v"))
        .containsExactly("cat /etc/version", "p 1.2", "p v1.2");
    assertThat(image.paths()).contains("/etc/version");
  }

  @Test
  void words_nameAndIndirection_whatGrowsWithoutEndIsCut() {
    assertThat(image.run("x=aaaaaaaaaaaaaaaa; " + "x=$x$x$x$x; ".repeat(40) + "p \"$x\" end"))
        .containsExactly("p end");
  }
}
