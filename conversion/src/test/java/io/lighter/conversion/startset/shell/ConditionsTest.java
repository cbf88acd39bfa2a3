package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsTest {

  private final ShellImage image =
      new ShellImage()
          .programs("yes", "no", "grep", "mkdir")
          .file("/etc/conf", "x")
          .file("/etc/empty", "")
          .link("/etc/link", "conf")
          .script("/etc/run", "#!/bin/sh\n");

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[ a = a ]; true",
        "[ a = b ]; false",
        "[ a != b ]; true",
        "[ \"\" ]; false",
        "[ x ]; true",
        "[ -n \"$none\" ]; false",
        "[ -z \"$none\" ]; true",
        "[ 2 -gt 1 -a 1 -le 1 ]; true",
        "[ 2 -lt 1 -o 1 -ne 1 ]; false",
        "[ ! -f /etc/none ]; true",
        "[ -f /etc/conf -a ! -d /etc/conf ]; true",
        "[ -d /etc ]; true",
        "[ -e /etc/link ]; true",
        "[ -L /etc/link ]; true",
        "[ -h /etc/conf ]; false",
        "[ -x /etc/run ]; true",
        "[ -x /etc/conf ]; false",
        "[ -s /etc/empty ]; false",
        "[ -s /etc/conf ]; true",
        "[ -w /etc/conf ]; true",
        "[ \"$HOSTNAME\" = a ]; both",
        "[ \"x$HOSTNAME\" = ya ]; false",
        "[ -n \"x$HOSTNAME\" ]; true",
        "[ -e /proc/self ]; both",
        "[ \"(\" = \"(\" ]; true",
        "[ \\( a = b \\) -o c = c ]; true",
        "test -f /etc/conf; true",
        "[[ abc == a* ]]; true",
        "[[ abc == \"a*\" ]]; false",
        "[[ abc != *d* && -f /etc/conf ]]; true",
        "[[ ( a == b || a == a ) && ! -z x ]]; true",
        "[[ $none ]]; false",
        "[[ abc =~ ^a(b|c)+ ]]; both",
        "[[ a < b ]]; true",
        "[[ -v PATH ]]; true",
        "[[ -v none ]]; false",
        "[[ abc == @(a|abc) ]]; both",
        "command -v yes >/dev/null; true",
        "command -v none >/dev/null 2>&1; false",
        "type yes; true",
        "! true; false",
        "(( 2 > 1 )); true",
        "(( $HOSTNAME > 1 )); both",
        "true && false; false",
        "false || true; true",
        "grep -q a /etc/conf; both",
        "none; false",
        "mkdir /x && [ -d /x ]; both",
        "[ ]; false",
      })
  void if_eachCondition_goesTheWayThatItSays(String condition, String way) {
    List<String> executed = image.run("if " + condition + "; then yes; else no; fi");

    boolean yes = executed.contains("yes");
    boolean no = executed.contains("no");
    assertThat(yes && no ? "both" : String.valueOf(yes)).isEqualTo(way);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "abc; a*; true",
        "abc; b|?b?; true",
        "abc; [!a]*; false",
        "abc; \"a*\"; false",
        "-v; -*; true",
        "$HOSTNAME; a; both",
        "$none; \"\"; true",
      })
  void case_eachPattern_isCompared(String subject, String pattern, String way) {
    List<String> executed =
        image.run("case " + subject + " in " + pattern + ") yes ;; *) no ;; esac");

    boolean yes = executed.contains("yes");
    boolean no = executed.contains("no");
    assertThat(yes && no ? "both" : String.valueOf(yes)).isEqualTo(way);
  }
}
