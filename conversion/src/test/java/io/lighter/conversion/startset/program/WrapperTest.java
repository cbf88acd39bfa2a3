package io.lighter.conversion.startset.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import io.lighter.conversion.startset.trace.AnalysisLimits;
import io.lighter.conversion.startset.trace.Invocation;
import io.lighter.conversion.startset.trace.ProgramKind;
import io.lighter.conversion.startset.trace.Start;
import io.lighter.conversion.startset.trace.StartupSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrapperTest {

  private final List<Start> starts = new ArrayList<>();
  private final List<String> executed = new ArrayList<>();

  /** Notes what is executed that is no wrapper. */
  private final class Recorder implements ProgramKind {
    @Override
    public boolean runs(Invocation invocation) {
      return true;
    }

    @Override
    public void follow(Invocation invocation, Start start) {
      executed.add((invocation.name() + " " + String.join("|", invocation.arguments())).strip());
      starts.add(start);
    }
  }

  private StartupSet run(List<String> command) throws IOException {
    var image = new ImageBuilder().file("/etc/passwd", "").file("/etc/group", "").directory("/srv");
    image.executable("/bin/p", "\u007fELF").executable("/bin/sh", "\u007fELF");
    image.executable("/bin/" + command.getFirst(), "\u007fELF");
    Map<String, String> environment = Map.of("PATH", "/bin", "A", "image");
    return Start.follow(
        image.build(),
        new ImageCommand(command, environment, "/", ""),
        List.of(new Wrapper(), new Recorder()),
        (_, _, _) -> {},
        AnalysisLimits.DEFAULTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tini -- p a; p a",
        "tini -g -p SIGTERM -- p a -- b; p a|--|b",
        "dumb-init -r 15:3 p; p",
        "docker-init p a; p a",
        "catatonit -- p; p",
        "env p -u; p -u",
        "env -u A B=1 p; p",
        "env -S p\ta b; p a|b",
        "env --split-string=p b; p b",
        "gosu user p a; p a",
        "su-exec user:group p -x; p -x",
        "s6-setuidgid user p; p",
        "setpriv --reuid=user --regid group --clear-groups -- p a; p a",
        "setpriv --reuid user --init-groups p; p",
        "chroot --userspec=user:group / p a; p a",
        "nice -n 5 p; p",
        "ionice -c2 p; p",
        "nohup p a; p a",
        "setsid -w p; p",
        "stdbuf -oL -e 0 p; p",
        "timeout -k 5 10s p a; p a",
        "time -f x p; p",
        "chpst -u user -m 100 p; p",
        "runuser -u user -- p a; p a",
        "sudo -E -u user X=1 p a; p a",
        "numactl --interleave=all p; p",
        "flock -n /lock p a; p a",
        "xargs -0 -n 1 p; p",
        "su - user -c p; sh -l|-c|p",
        "su -s /bin/p user -c x; p -c|x",
        "runuser user -c p a; sh -c|p|a",
      })
  void follow_eachWrapper_executesTheCommandInItsArguments(String command, String expected)
      throws IOException {
    run(List.of(command.split(" ", -1)));

    assertThat(executed).containsExactly(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "gosu user p, user",
    "su-exec user:group p, user:group",
    "s6-setuidgid user p, user",
    "setpriv --reuid=5 p, 5",
    "setpriv --reuid 5 --regid 6 p, 5",
    "runuser -u user p, user",
    "su user -c p, user",
    "su - user, user",
    "chpst -u user p, user",
    "chroot --userspec=user / p, user",
    "sudo --user=user p, user",
    "tini p, ''",
    "gosu root p, root",
  })
  void follow_changeOfUser_isSeenByTheCommand(String command, String user) throws IOException {
    StartupSet set = run(List.of(command.split(" ", -1)));

    assertThat(starts.getFirst().user()).isEqualTo(user);
    assertThat(starts.getFirst().isRoot()).isEqualTo(user.isEmpty() || user.equals("root"));
    assertThat(ImageBuilder.paths(set).contains("/etc/passwd")).isEqualTo(!user.isEmpty());
  }

  @Test
  void follow_env_changesVariablesAndDirectory() throws IOException {
    run(List.of("env", "-C", "/srv", "-u", "A", "B=1", "p"));
    run(List.of("env", "--chdir=/srv", "-i", "PATH=/bin", "p", "C=2"));

    assertThat(starts.getFirst().workingDirectory()).isEqualTo("/srv");
    assertThat(starts.getFirst().environment()).containsOnlyKeys("PATH", "B");
    assertThat(starts.get(1).environment()).containsOnlyKeys("PATH");
    assertThat(executed.get(1)).isEqualTo("p C=2");
  }

  @ParameterizedTest
  @CsvSource({"env", "gosu user", "su", "timeout -k", "env -S", "tini --", "env -C"})
  void follow_nothingToExecute_executesNothing(String command) throws IOException {
    run(List.of(command.split(" ", -1)));

    assertThat(executed.isEmpty() || executed.equals(List.of("sh"))).isTrue();
  }

  @Test
  void follow_wrapperOfItself_ends() throws IOException {
    var command = new ArrayList<String>();
    for (int i = 0; i < 1_000; i++) {
      command.addAll(List.of("env", "A=" + i));
    }
    StartupSet set = run(command);

    assertThat(executed).isEmpty();
    assertThat(set.unresolved()).isNotEmpty();
  }
}
