package io.lighter.conversion.startset.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a shell runs, by its arguments and by the files that it reads first. */
class ShellProgramTest {

  private final ShellImage image = new ShellImage().programs("server", "gosu", "id");

  @Test
  void follow_commandString_executesItsWords() {
    assertThat(image.executed("sh", "-c", "server --port 80")).containsExactly("server --port 80");
  }

  @Test
  void follow_commandStringWithVariables_takesThemFromTheEnvironment() {
    image.environment("OPTIONS", "-a  -b");

    assertThat(image.executed("sh", "-ec", "exec server $OPTIONS \"$OPTIONS\" $MISSING"))
        .containsExactly("server -a -b -a  -b");
  }

  @Test
  void follow_commandStringWithArguments_numbersThemFromNull() {
    assertThat(image.executed("sh", "-c", "server $0 $1 \"$@\"", "zero", "one", "two"))
        .containsExactly("server zero one one two");
  }

  @Test
  void follow_scriptWithShebang_isRunWithItsArguments() {
    image.script("/entry.sh", "#!/bin/sh -e\nexec \"$@\"\n");

    assertThat(image.executed("/entry.sh", "server", "a b")).containsExactly("server a b");
    assertThat(image.paths()).contains("/entry.sh", "/bin/sh");
  }

  @Test
  void follow_scriptByName_isFoundInPath() {
    image.file("/usr/bin/entry.sh", "server found\n");

    assertThat(image.executed("sh", "entry.sh")).isEmpty();
    image.script("/bin/entry2.sh", "server found\n");
    assertThat(image.executed("sh", "entry2.sh")).containsExactly("server found");
  }

  @Test
  void follow_missingScript_isUnresolved() {
    assertThat(image.executed("sh", "/missing.sh")).isEmpty();
    assertThat(image.unresolved()).contains("/missing.sh");
  }

  @Test
  void follow_busyboxShell_isAShell() {
    image.program("busybox").link("/bin/ash", "busybox");

    assertThat(image.executed("busybox", "sh", "-c", "server")).containsExactly("server");
    assertThat(image.executed("ash", "-c", "server")).containsExactly("server");
  }

  @Test
  void follow_otherAppletOfBusybox_readsNothingMore() {
    image.program("busybox").link("/bin/sed", "busybox").file("/etc/some.conf", "");

    assertThat(image.executed("sed", "-e", "s/a/b/", "/etc/some.conf")).isEmpty();
    assertThat(image.paths()).containsExactly("/bin/busybox");
  }

  @Test
  void follow_loginShell_readsProfiles() {
    image
        .file("/etc/profile", "for i in /etc/profile.d/*.sh; do . $i; done\n")
        .file("/etc/profile.d/a.sh", "export FROM=profile\n")
        .file("/root/.profile", "server from home\n");

    assertThat(image.executed("bash", "-l", "-c", "server $FROM"))
        .containsExactly("server from home", "server profile");
    assertThat(image.paths())
        .containsSubsequence("/etc/profile", "/etc/profile.d/a.sh", "/root/.profile");
  }

  @Test
  void follow_bashEnv_isSourcedByBashOnly() {
    image.environment("BASH_ENV", "/env.sh").file("/env.sh", "export A=1\n");

    assertThat(image.executed("sh", "-c", "server $A")).containsExactly("server");
    assertThat(image.executed("bash", "-c", "server $A")).containsExactly("server 1");
  }

  @Test
  void follow_bash_looksUpItsUser() {
    image.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n").file("/etc/nsswitch.conf", "");

    image.executed("bash", "-c", "true");
    assertThat(image.paths()).containsExactly("/bin/bash", "/etc/nsswitch.conf", "/etc/passwd");
  }

  @Test
  void follow_zsh_readsItsOwnFiles() {
    image.program("zsh").file("/etc/zsh/zshenv", "A=2\n").file("/etc/zsh/zprofile", "B=3\n");

    assertThat(image.executed("zsh", "-lc", "server $A $B")).containsExactly("server 2 3");
  }

  @Test
  void follow_optionWithValue_isNotTakenForTheScript() {
    assertThat(image.executed("bash", "-o", "pipefail", "-euxo", "errexit", "-c", "server"))
        .containsExactly("server");
  }

  @Test
  void follow_scriptThatBeginsAgainAsAnotherUser_goesOnAsThatUser() {
    image.script(
        "/entry.sh",
        """
        #!/bin/sh
        if [ "$(id -u)" = '0' ]; then
          exec gosu redis "$0" "$@"
        fi
        exec "$@"
        """);

    assertThat(image.executed("/entry.sh", "server")).containsExactly("id -u", "id -u", "server");
    assertThat(image.paths()).contains("/bin/gosu");
  }

  @Test
  void follow_imageThatSetsAUser_isNotRoot() {
    image.user("app:app").file("/etc/passwd", "app:x:999:998::/srv:/bin/sh\n");

    assertThat(image.executed("bash", "-c", "server $(id -u) $(id -g) $(id -un) $EUID ~"))
        .contains("server 999 998 app 999 /srv");
  }

  @Test
  void follow_scriptThatCannotBeParsed_isScannedByLines() {
    image.script("/broken.sh", "#!/bin/sh\nif then fi (((\nexec server --known $unknown\n");

    assertThat(image.executed("/broken.sh")).containsExactly("server --known");
    assertThat(image.unresolved()).contains("/broken.sh");
    assertThat(image.certainty("/bin/server")).isEqualTo("POSSIBLE");
  }

  @Test
  void follow_scriptBeyondTheLimit_isLeftOut() {
    image.script("/long.sh", "#!/bin/sh\n" + "#".repeat(300 << 10) + "\nserver\n");

    assertThat(image.executed("/long.sh")).isEmpty();
    assertThat(image.unresolved()).contains("/long.sh");
  }
}
