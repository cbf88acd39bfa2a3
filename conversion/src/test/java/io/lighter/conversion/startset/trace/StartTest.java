package io.lighter.conversion.startset.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.lighter.conversion.startset.ImageBuilder;
import io.lighter.conversion.startset.image.ImageCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class StartTest {

  private final ImageBuilder image =
      new ImageBuilder()
          .executable("/bin/first", "\u007fELF")
          .executable("/bin/second", "\u007fELF")
          .file("/data", "");

  private StartupSet follow(String user, BiConsumer<Invocation, Start> program) {
    ProgramKind kind =
        new ProgramKind() {
          @Override
          public boolean runs(Invocation invocation) {
            return true;
          }

          @Override
          public void follow(Invocation invocation, Start start) {
            program.accept(invocation, start);
          }
        };
    var command = new ImageCommand(List.of("first"), Map.of("PATH", "/bin", "A", "1"), "/", user);
    return image.start(kind, command);
  }

  @Test
  void user_ofTheImage_isWhoProgramsRunAs() {
    var roots = new ArrayList<Boolean>();
    for (String user : List.of("", "root", "0", "0:0", "root:adm", "1000", "app:app")) {
      follow(
          user,
          (_, start) -> {
            assertThat(start.user()).isEqualTo(user);
            roots.add(start.isRoot());
          });
    }

    assertThat(roots).containsExactly(true, true, true, true, true, false, false);
  }

  @Test
  void execute_asAnotherUser_isAnotherExecution() {
    var seen = new ArrayList<String>();
    follow(
        "",
        (invocation, start) -> {
          seen.add(invocation.name() + start.user());
          start.as("app").execute(List.of("first"), Reason.certain(""));
          start.as("app").execute(List.of("first"), Reason.certain(""));
        });

    assertThat(seen).containsExactly("first", "firstapp");
  }

  @Test
  void execute_lessSurely_makesAllThatItReadsLessSure() {
    StartupSet set =
        follow(
            "",
            (invocation, start) -> {
              if (invocation.name().equals("first")) {
                start.execute(List.of("second"), Reason.possible("perhaps"));
              } else {
                start.reads("/data", Reason.certain("it must"));
              }
            });

    assertThat(set.files())
        .extracting(found -> found.reason().certainty())
        .containsExactly(Certainty.CERTAIN, Certainty.POSSIBLE, Certainty.POSSIBLE);
  }

  @Test
  void execute_againAndMoreSurely_isFollowedAgain() {
    StartupSet set =
        follow(
            "",
            (invocation, start) -> {
              if (invocation.name().equals("first")) {
                start.execute(List.of("second"), Reason.possible("perhaps"));
                start.execute(List.of("second"), Reason.certain("surely"));
              } else {
                start.reads("/data", Reason.certain("it must"));
              }
            });

    assertThat(set.files())
        .extracting(found -> found.reason().certainty())
        .containsOnly(Certainty.CERTAIN);
  }

  @Test
  void withOnly_variables_areAllThereAre() {
    follow(
        "",
        (_, start) -> {
          assertThat(start.withOnly(Map.of("B", "2")).environment()).containsOnlyKeys("B");
          assertThat(start.with(Map.of("B", "2")).environment()).containsOnlyKeys("PATH", "A", "B");
        });
  }

  @Test
  void execute_newCommandsWithoutEnd_isBounded() {
    var executed = new ArrayList<String>();
    StartupSet set =
        follow(
            "",
            (invocation, start) -> {
              executed.add(invocation.name());
              for (int i = 0; i < 20_000 && invocation.name().equals("first"); i++) {
                start.execute(List.of("second", String.valueOf(i)), Reason.certain(""));
              }
            });

    assertThat(executed).hasSize(5_000);
    assertThat(set.unresolved()).anyMatch(what -> what.why().contains("more than"));
  }
}
